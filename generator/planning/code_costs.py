"""What the code of a kernel takes, before anything is compiled: bytes, and waits for its lines.

`tinyrig bench kernels --code` writes a table for a core, CORE.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.assets import roots
from tinyrig.generator.settings import Number, Text, Word, parse_settings

FOLDER = "kernels/code"


@with_config(extra="forbid")
@dataclass(frozen=True)
class CodeCost:
    """Bytes of a kernel's code, the larger of what two compilers make of its file, and its waits.

    `entry` are the cycles a call waits where no cache has any of its lines, `share` what it waits
    beside them for each of its cycles, for lines that the cache does not keep. Both are of the
    board named where the table was made, and tell kernels apart on others. A core whose waits are
    fitted beside its cycles (`costs.Fitted.fetched`) has neither.
    """

    bytes: Word
    entry: Number = 0.0
    share: Number = 0.0

    def waits(self, calls: int, cycles: int) -> float:
        """Return the cycles that calls which take so many in all wait for their code."""
        return self.entry * calls + self.share * cycles


def code_costs(core: str) -> Mapping[str, CodeCost]:
    """Return the costs of a core's kernels by name; InputError for a bad table."""
    return _read(core, roots())


@cache
def _read(core: str, places: tuple[Path, ...]) -> Mapping[str, CodeCost]:
    found: dict[str, CodeCost] = {}
    for path in (root / FOLDER / f"{core}.toml" for root in places):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            found |= parse_settings(dict[Text, CodeCost], text, str(path))
    return found
