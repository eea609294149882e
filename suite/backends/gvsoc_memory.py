"""Memories in a GVSoC target's description: the size of L1, and the file a flash begins with."""

from __future__ import annotations

import json
from typing import Any

from tinyrig.generator.errors import BrokenRunError

_MAPPINGS = ("l1", "l1_alias", "l1_ts", "l1_ts_alias")


def with_l1(text: str, size: int) -> str:
    """Return a target's description whose cluster has `size` bytes of L1.

    L1 is so many banks, each with its size, that every core reaches through address ranges:
    both grow alike. BrokenRunError when the description is of no form known here.
    """
    try:
        description = json.loads(text)
        cluster = description["target"]["chip"]["cluster"]
        banks = [part for name, part in cluster["l1"].items() if _is_bank(name)]
        old = sum(int(bank["size"]) for bank in banks)
        if size % len(banks) or not old:
            raise ValueError(f"{len(banks)} banks of {old} bytes in all")
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BrokenRunError(
            f"GVSoC describes its target in a form Tinyrig does not know: {error!r}."
        ) from error
    for bank in banks:
        bank["size"] = size // len(banks)
    _widen(cluster, old, size)
    return json.dumps(description)


def flash_file(text: str) -> str:
    """Return the name of the file that a target's hyperflash holds from the start on.

    BrokenRunError when the description names none.
    """
    try:
        return str(json.loads(text)["target"]["hyperflash"]["content"]["image"])
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenRunError(
            f"GVSoC describes a target without a hyperflash that Tinyrig knows: {error!r}."
        ) from error


def _is_bank(name: str) -> bool:
    return name.startswith("bank") and name[4:].isdigit()


def _widen(part: Any, old: int, size: int) -> None:
    """Set the size of every address range of L1 below a component."""
    if not isinstance(part, dict):
        return
    for name, mapping in part.get("mappings", {}).items():
        if name in _MAPPINGS and int(str(mapping.get("size", "0")), 0) == old:
            mapping["size"] = f"{size:#010x}"
    for child in part.values():
        _widen(child, old, size)
