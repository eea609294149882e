"""Names of pages and anchors: safe in a path, a link and an id, whatever a model is called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 60


def page_names(titles: Iterable[str]) -> Mapping[str, str]:
    """Return a name for each title: letters, digits, `-` and `_`, all different in any case.

    A title that is such a name keeps it; any other gets a digest of itself behind what is left.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for title in sorted(set(titles)):
        plain = _UNSAFE.sub("-", title).strip("-")[:_LONGEST]
        if not plain or plain != title or plain.casefold() in taken:
            digest = hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            plain = f"{plain}-{digest}" if plain else digest
        taken.add(plain.casefold())
        found[title] = plain
    return found
