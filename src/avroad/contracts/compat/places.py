"""Where in a pair of schemas something was found: Java's pointer of positions, and the path a person reads."""

from __future__ import annotations

from typing import Final, NamedTuple

from avroad.schema import Array, Map, Named, Primitive, Record, Schema

__all__ = ["ROOT", "Place", "joined", "shown"]


class Place(NamedTuple):
    """One step below `above`. A walk makes many of them and shows few, so that they are as light as values can be.

    token: Java's, a position or a keyword; name: what the step adds to the read path; record: the reader's record
    of which the step is a field; elsewhere: whether the reader's declaration has another step here, or none.
    """

    above: Place | None
    token: str
    name: str
    record: Record | None = None
    elsewhere: bool = False

    def below(self, token: str, name: str = "") -> Place:
        """Return the place one step further down."""
        return Place(self, token, name)

    def branch(self, position: int, name: str) -> Place:
        """Return the place of a branch of the writer's union; in the reader's declaration it is at another one."""
        return Place(self, str(position), name, elsewhere=True)

    def field(self, record: Record, position: int) -> Place:
        """Return the place of a field of the reader's record."""
        name = f".{record.fields[position].name}"
        return Place(Place(self, "fields", ""), str(position), name, record)

    @property
    def declared_at(self) -> tuple[Record | None, str]:
        """The nearest record that has this place in a field, and the JSON pointer of the place in its declaration.

        None where the way leads through a branch of a union: which one it is of the reader's is not known here.
        """
        tokens: list[str] = []
        place: Place | None = self
        while place is not None and place.record is None:
            if place.elsewhere:
                return None, ""
            tokens.append(place.token)
            place = place.above
        if place is None:
            return None, ""
        return place.record, "/".join(["/fields", place.token, *tokens[::-1]])

    @property
    def pointer(self) -> str:
        """The path as Java prints it, such as `/fields/2/type/1`; `/` at the root."""
        tokens = [place.token.replace("~", "~0").replace("/", "~1") for place in self._chain()]
        return "/" + "/".join(tokens)

    @property
    def path(self) -> str:
        """The path by names, such as `$.location.road_name`; items are `[]`, values of maps `{}`."""
        return "$" + "".join(place.name for place in self._chain())

    def _chain(self) -> list[Place]:
        found: list[Place] = []
        place = self
        while place.above is not None:
            found.append(place)
            place = place.above
        return found[::-1]


ROOT: Final = Place(above=None, token="", name="")


def joined(outer: Place, inner: Place) -> Place:
    """Return `inner`, which starts at its own root, continued from `outer`."""
    if inner.above is None:
        return outer
    return inner._replace(above=joined(outer, inner.above))


def shown(schema: Schema) -> str:
    """Return a type's name for messages: the full name of a named type, else its kind."""
    if isinstance(schema, Named | Primitive):
        return schema.name
    return "array" if isinstance(schema, Array) else "map" if isinstance(schema, Map) else "union"
