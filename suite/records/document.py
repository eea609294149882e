"""Our JSON documents: values that cannot change, read whole and of a schema this tinyrig knows."""

from __future__ import annotations

import reprlib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.json_text import MAX_BYTES, load_json


class Value(BaseModel):
    """A part of a document: frozen, of exactly its fields, of exactly their types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_Document = TypeVar("_Document", bound=Value)


def load_document(
    path: Path, what: str, schema: int, kind: type[_Document], *, max_bytes: int = MAX_BYTES
) -> _Document:
    """Read a document; InputError when it is missing, truncated, edited or of another schema."""
    text = parse_document(path, what, schema, max_bytes=max_bytes)
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise InputError(f"{path} is no valid {what}: {first_fault(error)}.") from error


def first_fault(error: ValidationError) -> str:
    """Say where the first fault is and what it is."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def parse_document(path: Path, what: str, schema: int, *, max_bytes: int = MAX_BYTES) -> str:
    """Return the text of a JSON object whose `schema` is the one asked for.

    InputError when it is missing, no JSON as `load_json` wants it, or of another schema.
    """
    text, raw = load_json(path, what, max_bytes)
    version = raw.get("schema") if isinstance(raw, dict) else None
    if version is True or version != schema:
        raise InputError(
            f"{path} has {what} schema {reprlib.repr(version)}; this tinyrig reads schema {schema}."
        )
    return text
