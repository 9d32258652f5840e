"""Our own programs do what `admin/applications/` says of them, no more and no less."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from avroad.contracts import Catalog
from avroad.contracts.declared import REPOSITORY, Use
from consumers.monitor import topics_to_read
from producers import stats19, synthetic
from producers.city import City
from producers.sending import Sending


def sent(sendings: Iterable[Sending]) -> set[tuple[str, str]]:
    return {(topic, sending.type_name) for sending in sendings for topic in sending.topics}


def said(uses: Iterable[Use]) -> set[tuple[str, str]]:
    return {(use.topic, use.type_name) for use in uses}


def test_every_program_of_ours_is_declared(catalog: Catalog) -> None:
    assert sorted(catalog.applications) == ["monitor", "stats19", "synthetic"]
    for application in catalog.applications.values():
        for use in (*application.reads, *application.writes):
            assert use.versions == (REPOSITORY,), "they use the classes generated here"
            assert not use.stateful


def test_the_city_writes_what_is_declared(catalog: Catalog) -> None:
    city = City(7, synthetic.simulated_clock(datetime(2026, 1, 2, tzinfo=UTC)))
    declared = catalog.applications["synthetic"]
    assert sent(islice(synthetic.sendings(city), 500)) == said(declared.writes)
    assert declared.reads == ()


def test_stats19_writes_what_is_declared(catalog: Catalog) -> None:
    declared = catalog.applications["stats19"]
    assert sent(stats19.sendings([stats19.SAMPLE], stats19.Refusals())) == said(declared.writes)
    assert declared.reads == ()


def test_the_monitor_reads_what_is_declared(catalog: Catalog) -> None:
    declared = catalog.applications["monitor"]
    topics, _ = topics_to_read(catalog, (), ())
    carried = {(topic, name) for topic in topics for name in catalog.topic(topic).values}
    assert carried == said(declared.reads)
    assert declared.writes == ()
