"""Names from a source graph made safe: only letters, digits, '_', '.', '-', unique, short."""

from __future__ import annotations

import re
from collections.abc import Callable

MAX_LENGTH = 63
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_.-]+")


def sanitise(original: str, fallback: str = "unnamed") -> str:
    """Return `original` with every run of other characters as one '_'.

    The result is 1 to 63 characters of [A-Za-z0-9_.-] and never starts with '.' or '-', so it
    is neither a hidden file, a parent folder nor an option. `fallback` (safe already) is used
    when nothing readable remains.
    """
    kept = _FORBIDDEN.sub("_", original).lstrip(".-_").rstrip("_")[:MAX_LENGTH]
    return kept or fallback


def _free(_: str) -> bool:
    return False


class Names:
    """Gives out unique safe names; the same requests in the same order give the same names.

    A name that is `reserved` gets '_' for its dots.
    """

    def __init__(self, reserved: Callable[[str], bool] = _free) -> None:
        self._taken: set[str] = set()
        self._reserved = reserved

    def unique(self, original: str, fallback: str = "unnamed") -> str:
        """Return the sanitised name, with '_2', '_3', ... appended while it is taken."""
        base = sanitise(original, fallback)
        if self._reserved(base):
            base = base.replace(".", "_")
        name, count = base, 1
        while name in self._taken:
            count += 1
            suffix = f"_{count}"
            name = base[: MAX_LENGTH - len(suffix)] + suffix
        self._taken.add(name)
        return name
