"""Where a training stands, in one file that is replaced whole."""

from __future__ import annotations

import hashlib
import io
import pickle
from pathlib import Path
from typing import Any

import torch

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file
from tinyrig.suite.files.atomic import write_atomic

_WHAT = "checkpoint"
_MOST_BYTES = 1 << 30
_DIGEST = hashlib.sha256().digest_size


def save_checkpoint(path: Path, key: str, state: dict[str, Any]) -> None:
    """Write a state of numbers and tensors that belongs to `key`."""
    buffer = io.BytesIO()
    torch.save({"key": key, **state}, buffer)
    content = buffer.getvalue()
    write_atomic(path, content + hashlib.sha256(content).digest())


def load_checkpoint(path: Path, key: str) -> dict[str, Any] | None:
    """Return the state of a checkpoint, None without one; only tensors and numbers are read.

    InputError when it is damaged or of another training.
    """
    if not path.exists():
        return None
    raw = read_file(path, _WHAT, _MOST_BYTES)
    content = raw[:-_DIGEST]
    if hashlib.sha256(content).digest() != raw[-_DIGEST:]:
        raise InputError(f"{path} is damaged: remove it to begin anew.")
    try:
        state: dict[str, Any] = torch.load(io.BytesIO(content), weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise InputError(f"{path} is no {_WHAT} of this version.") from error
    if state.pop("key", None) != key:
        raise InputError(
            f"{path} is of a training of another network, recipe or data: give another folder."
        )
    return state
