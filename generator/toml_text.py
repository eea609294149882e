"""TOML that anybody may have written."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file

MAX_BYTES = 4 << 20
_WORD = 1 << 63


def load_toml(path: Path, what: str) -> dict[str, Any]:
    """Return the table of a TOML file; InputError when it cannot be read or is no TOML."""
    return parse_toml(read_toml(path, what), f"{path} is no {what}, not even TOML")


def read_toml(path: Path, what: str) -> str:
    """Return the text of a TOML file; InputError when it cannot be read or is no UTF-8."""
    raw = read_file(path, what, MAX_BYTES)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no {what}, not even TOML: {error}.") from error


def parse_toml(text: str, refusal: str) -> dict[str, Any]:
    """Return the table a TOML text describes; InputError, beginning so, when it is none."""
    try:
        table = tomllib.loads(text)
        _check_numbers(table)
    except RecursionError:
        raise InputError(f"{refusal}: it nests too deep.") from None
    except ValueError as error:  # also a number of too many digits
        raise InputError(f"{refusal}: {error}.") from error
    return table


def _check_numbers(table: dict[str, Any]) -> None:
    """Refuse a number of more than 64 bits, which no TOML need hold; Python reads any in hex."""
    waiting: list[Any] = [table]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, int) and not -_WORD <= value < _WORD:
            raise ValueError("it holds a number of more than 64 bits")
