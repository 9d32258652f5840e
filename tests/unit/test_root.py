"""What can be imported from `avroad` itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

import avroad
import avroad.codec
import avroad.consumer
import avroad.errors
import avroad.model
import avroad.producer
import avroad.project

PARTS = [avroad.codec, avroad.consumer, avroad.errors, avroad.model, avroad.producer, avroad.project]


def test_the_root_exports_exactly_its_sorted_names() -> None:
    public = {name for name in dir(avroad) if getattr(getattr(avroad, name), "__module__", "").startswith("avroad.")}
    assert {name for name in public if not name.startswith("_")} == set(avroad.__all__)
    assert avroad.__all__ == sorted(avroad.__all__, key=lambda name: (name[0].islower(), name))


@pytest.mark.parametrize("name", avroad.__all__)
def test_a_name_is_the_one_of_the_part_it_comes_from(name: str) -> None:
    homes = [part for part in PARTS if name in part.__all__]
    assert len(homes) == 1
    assert getattr(avroad, name) is getattr(homes[0], name)


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="module 'avroad' has no attribute 'Produser'"):
        _ = avroad.Produser  # pyright: ignore[reportAttributeAccessIssue]


def test_importing_the_root_loads_none_of_its_parts() -> None:
    program = "import sys, avroad; print([name for name in sys.modules if name.startswith('avroad.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
