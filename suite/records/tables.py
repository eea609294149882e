"""Our TOML files as values that cannot change."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from tinyrig.generator.errors import InputError
from tinyrig.generator.toml_text import load_toml
from tinyrig.suite.records.document import first_fault


class Table(BaseModel):
    """A table of a TOML file: frozen, of exactly its fields; an array fills a tuple."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


_Content = TypeVar("_Content")


def load_tables(path: Path, what: str, kind: TypeAdapter[_Content]) -> _Content:
    """Read a TOML file; InputError when it is missing, no TOML, or not of that kind."""
    try:
        return kind.validate_python(load_toml(path, what))
    except ValidationError as error:
        raise InputError(f"{path} is no {what}: {first_fault(error)}.") from error
