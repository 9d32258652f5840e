"""The careful second look at a refused datum: finds the first value that does not fit, in the schema's order.

Messages name types, fields and symbols of the schema, never the datum's own values; map keys stand in paths.
"""

from __future__ import annotations

import difflib
import struct
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Final, NoReturn

from avroad.codec.budget import Costs
from avroad.codec.classes import attributes
from avroad.codec.explain_decode import in_bytes
from avroad.codec.logical import writer_of
from avroad.codec.plain import PLAIN_MAPS, plain_dict, plain_map
from avroad.codec.plan import Branches, Chosen, Entries, Fields, FixedBytes, Items, Node, Scalar, Symbols
from avroad.codec.runtime import MAX_DEPTH, MAX_ITEMS
from avroad.codec.source import Source
from avroad.codec.unions import PRIMITIVE_TYPES, Types, arms
from avroad.errors import EncodeError
from avroad.schema import Logical, Named, Primitive, Union

__all__ = ["explain_encode"]

_BITS: Final = {"int": 32, "long": 64}
_SHOWN_KEY: Final = 40


def explain_encode(root: Node, types: Types, datum: object, cause: Exception) -> Exception:
    """Return the typed error for a datum that an encoder of the plan `root` refused with `cause`.

    A lack of memory says nothing about the datum and stays what it is.
    """
    if isinstance(cause, MemoryError):
        return cause
    try:
        _Look(types, Costs(root)).node(root, datum, "$")
    except EncodeError as error:
        return error.with_traceback(None)
    except Exception as error:  # noqa: BLE001 - a datum's own attributes and keys may raise anything
        return EncodeError(f"the datum cannot be read ({type(error).__name__})")
    return EncodeError(f"refused ({type(cause).__name__})")


class _Look:
    """One look: what is left of the budgets."""

    def __init__(self, types: Types, costs: Costs) -> None:
        self._types = types
        self._costs = costs
        self._items_left = MAX_ITEMS
        self._levels_left = MAX_DEPTH
        self._pickers: dict[int, Callable[[object], tuple[int, object] | None]] = {}

    def node(self, node: Node, value: Any, path: str) -> None:  # noqa: ANN401 - any datum
        match node:
            case Scalar():
                self._scalar(node, value, path)
            case FixedBytes():
                self._fixed(node, value, path)
            case Symbols():
                _symbol(node, value, path)
            case Items():
                if type(value) is not list and type(value) is not tuple:
                    _refuse(path, "a list or a tuple", value)
                self._count(node.item, len(value), path)
                for i, item in enumerate(value):
                    self.node(node.item, item, f"{path}[{i}]")
            case Entries():
                self._entries(node, value, path)
            case Branches():
                self._branches(node, value, path)
            case Chosen():
                self.node(node.node, value, path)
            case Fields():
                self._fields(node, value, path)

    def _scalar(self, node: Scalar, value: object, path: str) -> None:
        if node.logical is not None:
            value = self._converted(node.logical, writer_of(node.logical, node.wire), value, path)
        kind = PRIMITIVE_TYPES[node.wire]
        if type(value) is not kind:
            _refuse(path, kind.__name__, value)
        if isinstance(value, int) and node.wire in _BITS:
            half = 1 << (_BITS[node.wire] - 1)
            if not -half <= value < half:
                _fail(path, f"a number of {_BITS[node.wire]} bits", "a larger one")
        elif isinstance(value, str):
            _check_text(value, path)
        elif isinstance(value, float) and node.finite and not isfinite(value):
            _fail(path, f"a finite {node.wire}", "NaN or an infinity")
        elif isinstance(value, float) and node.wire == "float":
            try:
                struct.pack("<f", value)
            except OverflowError:
                _fail(path, "a number that a 32-bit float can hold", "a larger one")

    def _converted(self, logical: Logical, convert: Callable[[object], object], value: object, path: str) -> object:
        try:
            return convert(value)
        except TypeError as error:
            _fail(path, str(error).removeprefix("expected "), _kind(value))
        except (ArithmeticError, ValueError) as error:
            detail = f"precision {logical.precision}, scale {logical.scale}" if logical.name == "decimal" else ""
            expected = f"{logical.name} of {detail}" if detail else f"a value of {logical.name}"
            _fail(path, expected, f"{_kind(value)}: {error}" if isinstance(error, ValueError) else _kind(value))

    def _fixed(self, node: FixedBytes, value: object, path: str) -> None:
        if node.logical is not None:
            self._converted(node.logical, writer_of(node.logical, "fixed", node.size), value, path)
        elif type(value) is not bytes:
            _refuse(path, in_bytes(node.size), value)
        elif len(value) != node.size:
            _fail(path, in_bytes(node.size), in_bytes(len(value)))

    def _count(self, node: Node, count: int, path: str) -> None:
        self._items_left -= count * self._costs.items(node)
        if self._items_left < 0:
            _fail(path, f"at most {MAX_ITEMS} items in one datum", "more")

    def _entries(self, node: Entries, value: object, path: str) -> None:
        if not isinstance(value, PLAIN_MAPS):
            _refuse(path, "a dict", value)
        value = plain_map(value)
        self._count(node.value, len(value), path)
        for key, item in value.items():
            if type(key) is not str:
                _refuse(path, "keys of type str", key)
            _check_text(key, path)
            self.node(node.value, item, f"{path}[{key[:_SHOWN_KEY]!r}]")

    def _branches(self, node: Branches, value: object, path: str) -> None:
        if id(node) not in self._pickers:
            self._pickers[id(node)] = _picker(node, self._types)
        picked = self._pickers[id(node)](value)
        if picked is None:
            _refuse(path, f"a value of one branch of {_shown(node.union)}", value, hint=_ambiguity(value))
        self.node(node.branches[picked[0]], picked[1], path)

    def _fields(self, node: Fields, value: object, path: str) -> None:
        recursive = id(node) in self._costs.recursive
        self._levels_left -= recursive
        if self._levels_left < 0:
            _fail(path, f"at most {MAX_DEPTH} levels of types inside themselves", "more")
        self._count(node, int(recursive), path)
        names = tuple(step.name for step in node.steps)
        cls = self._types.get(node.name)
        if cls is not None and type(value) is cls:
            attrs = attributes(cls, node.name, names)
            values = [_attribute(value, attr, f"{path}.{name}") for attr, name in zip(attrs, names, strict=True)]
        elif isinstance(value, dict):
            value = plain_dict(value)
            _check_names(value, names, node.name, path)
            values = [value[name] for name in names]
        else:
            _refuse(path, f"a dict{f' or a {cls.__name__}' if cls else ''} for {node.name}", value)
        for step, item in zip(node.steps, values, strict=True):
            self.node(step.node, item, f"{path}.{step.name}")
        self._levels_left += recursive


def _picker(node: Branches, types: Types) -> Callable[[object], tuple[int, object] | None]:
    """Return the encoder's own choice: from a value to (branch, value without its name), None for no branch."""
    source = Source()
    with source.block("def pick(v):"):
        for shape, condition, named in arms(node.union, types, source, "v"):
            source.line(f"if {condition}: return {shape.index}, {'v[1]' if named else 'v'}")
    pick: Callable[[object], tuple[int, object] | None] = source.build("pick")
    return pick


def _symbol(node: Symbols, value: object, path: str) -> None:
    if not isinstance(value, str):
        _refuse(path, f"a symbol of {node.name}", value)
    if str(value) not in node.written:
        close = difflib.get_close_matches(str(value)[:_SHOWN_KEY], node.written, n=1)
        hint = f'Did you mean "{close[0]}"?' if close else ""
        raise EncodeError("", path=path, expected=f"a symbol of {node.name}", found="another string", hint=hint)


def _attribute(value: object, attr: str, path: str) -> object:
    try:
        return getattr(value, attr)
    except AttributeError:
        _fail(path, "a value", "an attribute that was never set")


def _check_names(value: Mapping[object, object], names: tuple[str, ...], record: str, path: str) -> None:
    for key in value:
        if key not in names:
            close = difflib.get_close_matches(key[:_SHOWN_KEY], names, n=1) if isinstance(key, str) else []
            hint = f'Did you mean "{close[0]}"?' if close else ""
            shown = repr(key[:_SHOWN_KEY]) if isinstance(key, str) else _kind(key)
            raise EncodeError("", path=path, expected=f"only fields of {record}", found=shown, hint=hint)
    for name in names:
        if name not in value:
            _fail(f"{path}.{name}", f"a value for every field of {record}", "none")


def _check_text(value: str, path: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        _fail(path, "text that UTF-8 can hold", "a lone surrogate")


def _refuse(path: str, expected: str, value: object, *, hint: str = "") -> NoReturn:
    raise EncodeError("", path=path, expected=expected, found=_kind(value), hint=hint)


def _fail(path: str, expected: str, found: str) -> NoReturn:
    raise EncodeError("", path=path, expected=expected, found=found)


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def _ambiguity(value: object) -> str:
    if not isinstance(value, str | bytes | dict):
        return ""
    return "Plain data for a named branch that looks like another is written as (full name, value)."


def _shown(union: Union) -> str:
    names = (
        branch.name if isinstance(branch, Primitive | Named) else type(branch).__name__.lower()
        for branch in union.branches
    )
    return f"[{', '.join(names)}]"
