"""Options in groups: a command takes a dataclass, typer its fields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from tinyrig.suite.cli.groups import grouped


@dataclass(frozen=True)
class Where:
    place: Annotated[Path, typer.Argument(help="A place.")]
    names: Annotated[list[str] | None, typer.Option("--name")] = None
    deep: bool = False


SEEN: list[tuple[object, ...]] = []


@grouped
def command(where: Where, count: Annotated[int, typer.Option(min=1)] = 2) -> None:
    """Take a place."""
    SEEN.append((where, count))


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["a"], (Where(Path("a")), 2)),
        (["a", "--name", "x", "--name", "y"], (Where(Path("a"), ["x", "y"]), 2)),
        (["--count", "3", "a", "--deep"], (Where(Path("a"), None, True), 3)),
    ],
)
def test_a_command_gets_its_group_whole(words: list[str], seen: tuple[object, ...]) -> None:
    app = typer.Typer()
    app.command()(command)
    SEEN.clear()
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    assert [seen] == SEEN


def test_what_typer_checks_it_still_checks() -> None:
    app = typer.Typer()
    app.command()(command)
    assert CliRunner().invoke(app, []).exit_code == 2
    assert CliRunner().invoke(app, ["a", "--count", "0"]).exit_code == 2
    said = CliRunner().invoke(app, ["--help"])
    assert "Take a place." in said.output
