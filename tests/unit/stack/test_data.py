"""The data folder: what a start accepts, and each way it can be half-written."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from avroad.stack.data import begin_data, check_data, data_bytes
from avroad.stack.logs import DamagedData
from avroad.stack.state import ClusterIdentity, Home

Break = Callable[[Home], object]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(path=tmp_path / "home")


def fill(home: Home, brokers: int = 1) -> ClusterIdentity:
    """Lay out the data of a stack that was used."""
    begun = begin_data(home, brokers)
    identity = ClusterIdentity(cluster_id=begun.cluster_id, brokers=brokers, complete=True)
    identity.write(home.identity)
    for node in range(1, brokers + 1):
        folder = home.data / f"broker-{node}"
        (folder / "__cluster_metadata-0").mkdir(parents=True)
        (folder / "recovery-point-offset-checkpoint").write_text("0\n0\n")
        (folder / "meta.properties").write_text(f"#\nversion=1\ncluster.id={identity.cluster_id}\nnode.id={node}\n")
    return identity


def meta(home: Home) -> Path:
    return home.data / "broker-1" / "meta.properties"


def test_nothing_there_is_nothing_to_lose(home: Home) -> None:
    assert check_data(home, 1) is None
    home.data.mkdir(parents=True)
    assert check_data(home, 3) is None


@pytest.mark.parametrize("brokers", [1, 3])
def test_complete_data_is_accepted(home: Home, brokers: int) -> None:
    identity = fill(home, brokers)
    assert check_data(home, brokers) == identity


def test_data_of_an_interrupted_first_start_is_nothing_to_lose(home: Home) -> None:
    begun = begin_data(home, 1)
    (home.data / "half").write_text("x")
    assert check_data(home, 1) is None
    again = begin_data(home, 1)
    assert again.cluster_id != begun.cluster_id
    assert [path.name for path in home.data.iterdir()] == ["cluster.json"]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda home: meta(home).unlink(), "half-written or not its own"),
        (lambda home: meta(home).write_bytes(b""), "no cluster.id, no node.id"),
        (lambda home: meta(home).write_bytes(b"\xff\xfe\x00garbage"), "no cluster.id"),
        (lambda home: meta(home).write_text("cluster.id=other\nnode.id=1\n"), "cluster.id=other"),
        (lambda home: meta(home).write_text(meta(home).read_text().replace("id=1", "id=2")), "node.id=2"),
        (lambda home: home.identity.unlink(), "readable cluster.json"),
        (lambda home: home.identity.write_text("{"), "readable cluster.json"),
        (lambda home: home.identity.write_text("[]"), "readable cluster.json"),
        (lambda home: (home.data / "broker-1" / "__cluster_metadata-0").rmdir(), "lost its cluster metadata"),
    ],
    ids=["no meta", "empty meta", "garbage meta", "other cluster", "other node", "no id", "cut id", "odd id", "no log"],
)
def test_half_written_data_is_refused_with_the_way_out(home: Home, damage: Break, words: str) -> None:
    fill(home)
    damage(home)
    with pytest.raises(DamagedData, match=words) as caught:
        check_data(home, 1)
    assert "avroad stack reset" in caught.value.hint
    assert str(home.data) in caught.value.file


def test_data_of_another_size_names_the_option_that_keeps_it(home: Home) -> None:
    fill(home, 3)
    with pytest.raises(DamagedData, match="another size") as caught:
        check_data(home, 1)
    assert "--brokers 3" in caught.value.hint


def test_a_cluster_id_is_a_uuid_no_tool_reads_as_an_option(home: Home) -> None:
    for _ in range(200):
        cluster_id = begin_data(home, 1).cluster_id
        assert len(base64.urlsafe_b64decode(f"{cluster_id}==")) == 16
        assert not cluster_id.startswith("-")
        assert "=" not in cluster_id


def test_the_size_counts_what_is_there(home: Home) -> None:
    fill(home)
    before = data_bytes(home)
    (home.data / "big").write_bytes(b"x" * 1_000_000)
    assert 900_000 < data_bytes(home) - before < 2_000_000
