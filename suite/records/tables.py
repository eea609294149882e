"""Our TOML files as values that cannot change."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from generator.errors import InputError
from suite.records.document import first_fault


class Table(BaseModel):
    """A table of a TOML file: frozen, of exactly its fields; an array fills a tuple."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_Content = TypeVar("_Content")


def load_tables(path: Path, what: str, kind: TypeAdapter[_Content]) -> _Content:
    """Read a TOML file; InputError when it is missing, no TOML, or not of that kind."""
    try:
        return kind.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"Cannot read {what} {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no {what}, not even TOML: {error}.") from error
    except ValidationError as error:
        raise InputError(f"{path} is no {what}: {first_fault(error)}.") from error
