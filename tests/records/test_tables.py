"""TOML files of ours: whole, of known keys, or one clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from tinyrig.generator.errors import InputError
from tinyrig.suite.records.tables import Table, load_tables


class _Entry(Table):
    names: tuple[str, ...]
    share: float = 0.0


_KIND = TypeAdapter(dict[str, _Entry])


def test_arrays_fill_tuples_and_absent_keys_their_defaults(tmp_path: Path) -> None:
    path = tmp_path / "entries.toml"
    path.write_text('[a]\nnames = ["x", "y"]\n[b]\nnames = []\nshare = 1\n')
    found = load_tables(path, "list", _KIND)
    assert found == {"a": _Entry(names=("x", "y")), "b": _Entry(names=(), share=1.0)}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (None, "Cannot read list"),
        (b"[[a", "is no list, not even TOML"),
        (b"\xff", "is no list, not even TOML"),
        (b"[a]\nnames = 3\n", "a.names"),
        (b"[a]\nnames = []\nmore = 1\n", "a.more"),
    ],
)
def test_a_bad_file_is_named_with_its_fault(tmp_path: Path, text: bytes | None, word: str) -> None:
    path = tmp_path / "entries.toml"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(InputError, match=word) as caught:
        load_tables(path, "list", _KIND)
    assert str(path) in str(caught.value)
