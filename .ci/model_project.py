"""Write the tinyrig.toml of one model from a file on some boards.

usage: python model_project.py FILE.toml TREE MODEL

MODEL is a path in TREE. From the environment, each of them optional:

    BOARDS, OPTIONS         words, separated by spaces
    TOOLCHAIN, OPTIMIZE     one word
    CALIBRATION, DATA       .npz files, paths in TREE
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.process.failures import guarded


def project(tree: Path, model: str, said: Mapping[str, str]) -> str:
    """Return the project as TOML; InputError for a name that is no text."""
    options = said.get("OPTIONS", "").split()
    if said.get("OPTIMIZE"):
        options.append(f"optimize={said['OPTIMIZE']}")
    lines = [
        f"boards = {_value(said.get('BOARDS', '').split() or ['stm32f746'])}",
        f"toolchain = {_value(said.get('TOOLCHAIN') or 'zig')}",
        f"options = {_value(options)}",
        "[[model]]",
        'name = "model"',
        f"file = {_value(str(tree / model))}",
    ]
    for key in ("calibration", "data"):
        if path := said.get(key.upper()):
            lines.append(f"{key} = {_value(str(tree / path))}")
    return "\n".join(lines) + "\n"


def _value(value: str | list[str]) -> str:
    """Return a value of TOML: JSON's, but for escapes of two halves, which TOML has not."""
    for word in [value] if isinstance(value, str) else value:
        try:
            word.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(f"{word!r} is not UTF-8; a project cannot name it.") from error
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def main(words: list[str]) -> None:
    """Write the file the command line names."""
    if len(words) != 3:
        raise InputError("usage: python model_project.py FILE.toml TREE MODEL")
    target, tree, model = words
    text = project(Path(tree).resolve(), model, os.environ)
    write_atomic(Path(target), text.encode("utf-8"))


if __name__ == "__main__":
    guarded("model_project.py", main)
