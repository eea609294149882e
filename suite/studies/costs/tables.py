"""Tables of costs, a file a kernel (generator/planning/costs.py reads them)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tinyrig.generator.planning.costs import Fitted
from tinyrig.suite.files.atomic import write_atomic

_ABOUT = """\
# Written by `tinyrig bench kernels --fit`: cycles as a sum of terms, which are made of the fields
# of a call and of words. `mean` and `worst` tell how far, in per cent, that is from `points`
# modelled calls. `fetched` are waits for its code beside them, through a small cache of flash,
# `narrow` through one whose lines have 8 bytes.
"""


def write_costs(folder: Path, costs: Mapping[str, Fitted], *, whole: bool) -> None:
    """Write the tables of a core's kernels; `whole` takes away those of all others."""
    folder.mkdir(parents=True, exist_ok=True)
    if whole:
        for path in folder.glob("*.toml"):
            if path.stem not in costs:
                path.unlink()
    for name, one in costs.items():
        write_atomic(folder / f"{name}.toml", cost_text(one).encode())


def cost_text(one: Fitted) -> str:
    """Return a kernel's costs as TOML."""
    lines = [f"points = {one.points}", f"mean = {one.mean}", f"worst = {one.worst}"]
    for title, terms in (
        ("terms", one.terms),
        ("fetched", one.fetched),
        ("narrow", one.narrow),
    ):
        if terms:
            lines += ["", f"[{title}]", *(f'"{term}" = {part}' for term, part in terms.items())]
    if one.words:
        lines += ["", "[words]", *(f'{word} = "{text}"' for word, text in one.words.items())]
    return _ABOUT + "\n".join(lines) + "\n"
