"""The documents: their Python runs, and every command they show is one of ours as it is today."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
from records.sample_record import RECORD

from tinyrig.suite.cli.app import application

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md"])
_COMMAND = re.compile(r"^(?:    |    \$ |)(tinyrig [a-z].*?)(?:\s+#.*)?$", re.MULTILINE)
_INLINE = re.compile(r"`(tinyrig [^`]+)`")


def commands(text: str) -> list[str]:
    shown = _COMMAND.findall(text.replace("\\\n", " "))
    return [*shown, *(one for one in _INLINE.findall(text) if " -" in one)]


def option_names(command: Any) -> set[str]:
    return {word for one in command.params for word in (*one.opts, *one.secondary_opts)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_exists_with_its_options(path: Path) -> None:
    group = typer.main.get_command(application())
    for line in commands(path.read_text(encoding="utf-8")):
        words = shlex.split(line.split(" | ")[0].split(" && ")[0].split(" >")[0])[1:]
        command: Any = group
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]
        assert command is not group or words[0].startswith("-"), f"{path.name}: {line}"
        known = option_names(command) | {"--help", "--debug"}
        for word in words:
            if word.startswith("--"):
                assert word.split("=")[0] in known, f"{path.name}: {line}: {word}"


def test_there_are_commands_to_look_at() -> None:
    found = {path.name: len(commands(path.read_text(encoding="utf-8"))) for path in DOCUMENTS}
    assert sum(count > 0 for count in found.values()) >= 6, found


def test_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/records.md does with a record, on one."""
    text = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
    code = "".join(line[4:] + "\n" for line in text.splitlines() if line.startswith("    "))
    (tmp_path / "record.json").write_text(RECORD.to_json())
    assert "load_record" in code
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "records.md", "exec"), {"Path": Path})
