"""Reading a JSON document of ours: whole, and of a schema this tinyrig knows."""

from __future__ import annotations

import json
from pathlib import Path

from generator.errors import InputError


def parse_document(path: Path, what: str, schema: int) -> str:
    """Return the text of a JSON object whose `schema` is the one asked for.

    InputError when it is missing, truncated, not UTF-8 or of another schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text)
    except OSError as error:
        raise InputError(f"Cannot read {what} {path}: {error.strerror}.") from error
    except ValueError as error:
        raise InputError(f"{path} is not a whole {what}: {error}.") from error
    version = raw.get("schema") if isinstance(raw, dict) else None
    if version is True or version != schema:
        raise InputError(
            f"{path} has {what} schema {version!r}; this tinyrig reads schema {schema}."
        )
    return text
