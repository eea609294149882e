"""CSV files of ours as frozen values, a row a value by the names of its columns."""

from __future__ import annotations

import csv
import io
from importlib import resources
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, TypeAdapter

_Row = TypeVar("_Row")

Words = Annotated[tuple[str, ...], BeforeValidator(str.split)]
"""A cell of words, none or more."""

Measured = Annotated[float | None, BeforeValidator(lambda cell: cell or None)]
"""A number, or nothing."""


def csv_rows(kind: type[_Row], package: str, name: str) -> tuple[_Row, ...]:
    """Return the rows of a package's file as values of a dataclass, in the file's order."""
    text = (resources.files(package) / name).read_text("utf-8")
    read = TypeAdapter(kind).validate_python
    return tuple(map(read, csv.DictReader(io.StringIO(text))))
