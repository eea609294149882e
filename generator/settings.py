"""Descriptions in TOML as frozen dataclasses: every key known, none missing, types exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from tinyrig.generator.errors import InputError
from tinyrig.generator.toml_text import parse_toml

Text = Annotated[str, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Number = Annotated[float, Field(strict=True)]
Word = Annotated[int, Field(strict=True, ge=0, lt=1 << 32)]
"""An unsigned 32-bit number: an address, a size, a count."""

_Value = TypeVar("_Value")
_ADAPTERS: dict[object, TypeAdapter[Any]] = {}


def parse_settings(kind: type[_Value], text: str, source: str) -> _Value:
    """Return what a TOML text describes; `source` names it in an InputError that lists all faults.

    Classes that shall refuse unknown keys say so with `pydantic.with_config(extra="forbid")`.
    """
    return check_settings(kind, parse_toml(text, f"{source} is not valid TOML"), source)


def check_settings(kind: type[_Value], table: Mapping[str, Any], source: str) -> _Value:
    """Return what a table of TOML describes, like `parse_settings`."""
    try:
        return _adapter(kind).validate_python(table)
    except ValidationError as error:
        faults = "; ".join(
            _fault(found["loc"], found["type"], found["msg"]) for found in error.errors()
        )
        raise InputError(f"{source}: {faults}.") from error


def _adapter(kind: type[_Value]) -> TypeAdapter[_Value]:
    """Return what reads a class: made once, which takes longer than reading."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def _fault(place: tuple[int | str, ...], kind: str, message: str) -> str:
    where = ".".join(map(str, place))
    if kind == "missing":
        return f"{where} is missing"
    if kind == "unexpected_keyword_argument":
        return f"{where} is unknown"
    return f"{where}: {message[0].lower()}{message[1:]}" if where else message
