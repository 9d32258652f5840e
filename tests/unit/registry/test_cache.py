"""Bounds of the memory cache; damage and races of the disk cache."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from avroad.model import Reference, SchemaText
from avroad.registry.cache import DiskCache, MemoryCache

TEXT = SchemaText(text='"int"')
WITH_REFERENCE = SchemaText(text='"int"', references=(Reference(name="a.B", subject="a.B", version=2),))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_least_recently_used_goes_first() -> None:
    cache = MemoryCache(2, unknown_ttl_s=1)
    cache.put(1, TEXT)
    cache.put(2, TEXT)
    assert cache.get(1) == TEXT
    cache.put(3, TEXT)
    assert (cache.get(1), cache.get(2), cache.get(3)) == (TEXT, None, TEXT)
    assert len(cache) == 2


def test_bytes_are_bounded_too() -> None:
    cache = MemoryCache(1000, max_bytes=3000, unknown_ttl_s=1)
    for schema_id in range(20):
        cache.put(schema_id, SchemaText(text=f'"{"x" * 800}"'))
    assert len(cache) == 2
    cache.put(99, SchemaText(text="x" * 5000))
    assert cache.get(99) is None
    assert len(cache) == 2


def test_putting_twice_counts_once() -> None:
    cache = MemoryCache(1000, max_bytes=3000, unknown_ttl_s=1)
    for _ in range(50):
        cache.put(1, SchemaText(text="x" * 1000))
    cache.put(2, SchemaText(text="x" * 1000))
    assert len(cache) == 2


def test_what_is_passing_goes_after_a_while_and_makes_room_for_what_stays() -> None:
    clock = Clock()
    cache = MemoryCache(3, max_bytes=2500, unknown_ttl_s=5, clock=clock)
    cache.put(1, SchemaText(text="x" * 1000), passing=True)
    assert cache.get(1) == SchemaText(text="x" * 1000)
    assert cache.get(1, passing=False) is None
    cache.put(1, TEXT)
    cache.put(1, WITH_REFERENCE, passing=True)
    assert cache.get(1, passing=False) == TEXT
    cache.put(2, SchemaText(text="x" * 2200), passing=True)
    assert cache.get(1) is None
    clock.now += 5
    assert cache.get(2) is None
    assert len(cache) == 0
    cache.put(1, TEXT)
    assert cache._bytes == 200 + len(TEXT.text)


def test_unknown_ids_are_remembered_for_a_while() -> None:
    clock = Clock()
    cache = MemoryCache(3, unknown_ttl_s=5, clock=clock)
    cache.put_unknown(1)
    clock.now += 4.9
    assert cache.is_unknown(1)
    clock.now += 0.2
    assert not cache.is_unknown(1)
    assert not cache.is_unknown(2)


def test_unknown_ids_are_bounded_and_end_when_the_schema_comes() -> None:
    cache = MemoryCache(3, unknown_ttl_s=5)
    for schema_id in range(10):
        cache.put_unknown(schema_id)
    assert [schema_id for schema_id in range(10) if cache.is_unknown(schema_id)] == [7, 8, 9]
    cache.put(9, TEXT)
    assert not cache.is_unknown(9)


@pytest.mark.parametrize("content", [TEXT, WITH_REFERENCE], ids=["plain", "references"])
def test_the_disk_gives_back_what_it_was_given(tmp_path: Path, content: SchemaText) -> None:
    DiskCache(tmp_path, "r").put(7, content)
    assert DiskCache(tmp_path, "r").get(7) == content
    assert [path.name for path in DiskCache(tmp_path, "r").folder.iterdir()] == ["7.json"]


def test_registries_do_not_share_ids(tmp_path: Path) -> None:
    DiskCache(tmp_path, "one").put(7, TEXT)
    assert DiskCache(tmp_path, "other").get(7) is None


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"null", b"[]", b"\xff", b"[" * 10_000, b'{"schema": "x"}',
     b'{"schema": "x", "references": [1], "sha256": ""}', b'{"schema": "x", "references": null, "sha256": ""}'],
    ids=lambda damage: repr(damage[:20]),
)  # fmt: skip
def test_a_damaged_file_is_a_miss_and_is_replaced(tmp_path: Path, damage: bytes) -> None:
    cache = DiskCache(tmp_path, "r")
    cache.put(7, TEXT)
    (cache.folder / "7.json").write_bytes(damage)
    assert cache.get(7) is None
    cache.put(7, WITH_REFERENCE)
    assert cache.get(7) == WITH_REFERENCE


def test_a_changed_or_misplaced_file_is_a_miss(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, "r")
    cache.put(7, TEXT)
    file = cache.folder / "7.json"
    (cache.folder / "8.json").write_bytes(file.read_bytes())
    assert cache.get(8) is None
    value = json.loads(file.read_text())
    assert value["format_version"] == "1.0"
    file.write_text(json.dumps({**value, "schema": '"long"'}))
    assert cache.get(7) is None


def test_an_intact_file_is_never_overwritten(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, "r")
    cache.put(7, TEXT)
    cache.put(7, WITH_REFERENCE)
    assert cache.get(7) == TEXT


def test_a_folder_that_cannot_be_used_costs_speed_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = DiskCache(tmp_path / "file", "r")
    cache.put(7, TEXT)
    assert cache.get(7) is None


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    cache = DiskCache(tmp_path, "r")
    monkeypatch.setattr(os, "replace", full)
    cache.put(7, TEXT)
    assert cache.get(7) is None
    assert list(cache.folder.iterdir()) == []


def test_writers_in_parallel_leave_one_intact_file(tmp_path: Path) -> None:
    gate = threading.Barrier(8)

    def write() -> None:
        gate.wait(10)
        DiskCache(tmp_path, "r").put(7, TEXT)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    cache = DiskCache(tmp_path, "r")
    assert cache.get(7) == TEXT
    assert [path.name for path in cache.folder.iterdir()] == ["7.json"]
