"""The rooms of `suite/`: how many there are, on how many floors, and that no arrow closes a circle.

A room is a folder of `suite/`; there is an arrow from a room to another when a module of the first
imports one of the second. A room stands one floor above the highest of those it imports.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from tinyrig.generator.assets import asset_root

ROOMS, FLOORS = 18, 8
_SUITE = asset_root("suite")
_PREFIX = "tinyrig.suite."


def _rooms() -> set[str]:
    return {path.parent.name for path in _SUITE.glob("*/__init__.py")}


def _imported(path: Path) -> set[str]:
    """The rooms that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name[len(_PREFIX) :].split(".")[0] for name in names if name.startswith(_PREFIX)}
    return found & _rooms()


@cache
def _arrows() -> dict[str, set[str]]:
    return {
        room: set().union(*map(_imported, (_SUITE / room).rglob("*.py"))) - {room}
        for room in _rooms()
    }


def _floor(room: str, below: tuple[str, ...] = ()) -> int:
    assert room not in below, f"a circle: {' -> '.join((*below, room))}"
    return 1 + max((_floor(other, (*below, room)) for other in _arrows()[room]), default=0)


def test_there_are_few_rooms_and_all_are_named() -> None:
    assert len(_rooms()) <= ROOMS
    told = (asset_root("docs") / "architecture.md").read_text(encoding="utf-8")
    assert {room for room in _rooms() if f"`{room}`" not in told} == set()
    loose = {path.name for path in _SUITE.glob("*.py")} - {"__init__.py"}
    assert loose == set()


def test_rooms_stand_on_few_floors_without_a_circle() -> None:
    assert max(map(_floor, _rooms())) <= FLOORS


def test_no_module_is_a_command_of_its_own() -> None:
    texts = ((path.name, path.read_text(encoding="utf-8")) for path in _SUITE.rglob("*.py"))
    assert [name for name, text in texts if '__name__ == "__main__"' in text] == []
