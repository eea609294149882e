"""Rows of a CSV file as values of a dataclass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from tinyrig.suite.files.csv_rows import Measured, Words, csv_rows


@dataclass(frozen=True)
class Kept:
    name: str
    size: int
    words: Words
    share: Measured


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / f"rows_of_{tmp_path.name}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_cells_become_what_the_fields_are(package: Path) -> None:
    (package / "a.csv").write_text("size,name,words,share\n3,x,a b,\n4,,,0.5\n")
    rows = csv_rows(Kept, package.name, "a.csv")
    assert rows == (Kept("x", 3, ("a", "b"), None), Kept("", 4, (), 0.5))
    assert isinstance(rows[0].size, int)


def test_a_cell_that_is_none_is_refused(package: Path) -> None:
    (package / "a.csv").write_text("size,name,words,share\nmany,x,a,1\n")
    with pytest.raises(ValidationError, match="size"):
        csv_rows(Kept, package.name, "a.csv")
