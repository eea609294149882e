"""Where boards are described: a file each, which may extend another board's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

from tinyrig.generator.assets import find_assets
from tinyrig.generator.errors import InputError
from tinyrig.generator.settings import Text, check_settings
from tinyrig.generator.toml_text import parse_toml, read_toml

BOARD_FILE = "board.toml"
_KEYS = ("extends", "without")
_Table: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class _Extension:
    """The board a description extends, and what of that it is without: `power`, `ram.ccm`."""

    extends: Text | None = None
    without: tuple[Text, ...] = ()


def board_files() -> Mapping[str, Path]:
    """Return the files of all known boards by the names of their folders."""
    found = find_assets(f"platforms/*/{BOARD_FILE}").values()
    return {path.parent.name: path for path in found}


def board_table(text: str, source: str) -> _Table:
    """Return the table of a board's TOML text, with what it has of the board it extends.

    Tables are merged key by key, lists of named tables name by name; all else replaces what was
    there. The name is never another's. `source` names the text in an InputError.
    """
    own = parse_toml(text, f"{source} is not valid TOML")
    return _extended(own, source, (str(own.get("name")),))


def _extended(own: _Table, source: str, chain: tuple[str, ...]) -> _Table:
    """Return a table merged with that of the board it extends; `chain` are the boards up to it."""
    extension = check_settings(_Extension, own, source)
    own = {key: value for key, value in own.items() if key not in _KEYS}
    if extension.extends is None:
        if extension.without:
            raise InputError(f"{source}: without is for a board that extends another.")
        return own
    table = _base(extension.extends, source, chain)
    for place in extension.without:
        if not _leave_out(table, place.split(".")):
            raise InputError(f"{source}: without names {place!r}; {extension.extends} has none.")
    return _merged(table, own)


def _base(name: str, source: str, chain: tuple[str, ...]) -> _Table:
    """Return the table of the board `name`, which the last of a chain extends, all but the name."""
    if name in chain:
        circle = " extends ".join(map(repr, (*chain, name)))
        raise InputError(f"{source}: {circle}, and so on without end.")
    path = board_files().get(name)
    if path is None:
        known = ", ".join(sorted(board_files()))
        raise InputError(f"{source}: extends {name!r}, which is no board. Known boards: {known}.")
    found = f"{path.parent.name}/{path.name}"
    own = parse_toml(read_toml(path, "board"), f"{found} is not valid TOML")
    table = _extended(own, found, (*chain, name))
    table.pop("name", None)
    return table


def _leave_out(table: _Table, place: list[str]) -> bool:
    """Take what a place names out of a table; False when there is none."""
    word, *below = place
    found = table.get(word)
    if not below:
        return table.pop(word, None) is not None
    if isinstance(found, dict):
        return _leave_out(found, below)
    if _is_named(found):
        table[word] = [entry for entry in found if [entry["name"]] != below]
        return len(table[word]) < len(found)
    return False


def _merged(base: _Table, own: _Table) -> _Table:
    both = {key: _both(base[key], own[key]) for key in base if key in own}
    return base | own | both


def _both(base: object, own: object) -> object:
    if isinstance(base, dict) and isinstance(own, dict):
        return _merged(base, own)
    return _by_name(base, own) if _is_named(base) and _is_named(own) else own


def _by_name(base: list[_Table], own: list[_Table]) -> list[_Table]:
    """Return the base's entries, each with what is said of its name, and those of other names."""
    left = list(own)
    found = []
    for entry in base:
        place = next((i for i, one in enumerate(left) if one["name"] == entry["name"]), None)
        found.append(entry if place is None else _merged(entry, left.pop(place)))
    return [*found, *left]


def _is_named(value: object) -> TypeGuard[list[_Table]]:
    return isinstance(value, list) and all(
        isinstance(entry, dict) and isinstance(entry.get("name"), str) for entry in value
    )
