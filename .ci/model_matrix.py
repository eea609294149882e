"""Write the matrix of one model from a file on some boards.

usage: python model_matrix.py MATRIX.toml MODEL TOOLCHAIN BOARD...
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

target, model, toolchain, *boards = sys.argv[1:]
# A JSON string is a TOML string, and a JSON list of them a TOML list.
lines = (
    "[[gate]]",
    f"models = {json.dumps([model])}",
    f"boards = {json.dumps(boards)}",
    f"toolchains = {json.dumps([toolchain])}",
)
Path(target).write_text("\n".join(lines) + "\n", encoding="utf-8")
