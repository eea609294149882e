from __future__ import annotations

from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tinyrig.generator.errors import InputError
from tinyrig.suite.models import cache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def refuse() -> bytes:
    raise AssertionError("made although it was stored")


def test_a_value_is_made_once(folder: Path) -> None:
    assert cache.cached("kind", "key", lambda: b"value") == b"value"
    assert cache.cached("kind", "key", refuse) == b"value"
    assert cache.cached("kind", "other", lambda: b"") == b""
    assert len(list((folder / "store" / "zoo").glob("*/*.kind"))) == 2


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 100])
def test_a_damaged_file_is_made_again(folder: Path, damage: bytes) -> None:
    cache.cached("kind", "key", lambda: b"value")
    (stored,) = (folder / "store" / "zoo").glob("*/*")
    stored.write_bytes(damage)
    assert cache.cached("kind", "key", lambda: b"value") == b"value"
    assert cache.cached("kind", "key", refuse) == b"value"


def test_a_failed_making_stores_nothing(folder: Path) -> None:
    with pytest.raises(AssertionError):
        cache.cached("kind", "key", refuse)
    assert not folder.exists()


def test_an_unwritable_folder_is_an_input_error(folder: Path) -> None:
    folder.write_bytes(b"a file where the folder should be")
    with pytest.raises(InputError, match="TINYRIG_CACHE"):
        cache.cached("kind", "key", lambda: b"value")


def test_every_package_that_keys_the_cache_is_one_tinyrig_asks_for() -> None:
    required = {Requirement(line) for line in requires("tinyrig") or []}
    always = {need.name for need in required if need.marker is None}
    assert set(cache._MAKERS) <= always
