"""Write the matrix of one model from a file on some boards.

usage: python model_matrix.py MATRIX.toml MODEL TOOLCHAIN BOARD...
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.errors import InputError
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.process.failures import guarded


def matrix(model: str, toolchain: str, boards: Sequence[str]) -> str:
    """Return the matrix as TOML; InputError for a name that is no text."""
    lines = (
        "[[gate]]",
        f"models = {_list([model])}",
        f"boards = {_list(boards)}",
        f"toolchains = {_list([toolchain])}",
    )
    return "\n".join(lines) + "\n"


def _list(words: Sequence[str]) -> str:
    """Return a list of TOML: JSON's, but for escapes of two halves, which TOML has not."""
    for word in words:
        try:
            word.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InputError(f"{word!r} is not UTF-8; a matrix cannot name it.") from error
    return json.dumps(list(words), ensure_ascii=False).replace("\x7f", "\\u007F")


def main(words: list[str]) -> None:
    """Write the file the command line names."""
    if len(words) < 4:
        raise InputError("usage: python model_matrix.py MATRIX.toml MODEL TOOLCHAIN BOARD...")
    target, model, toolchain, *boards = words
    write_atomic(Path(target), matrix(model, toolchain, boards).encode("utf-8"))


if __name__ == "__main__":
    guarded("model_matrix.py", main)
