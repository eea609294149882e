"""The cache of made files: exported and quantized models, keyed by everything that made them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from tinyrig.suite.files.store import Store, content_key

_PACKAGE = Path(__file__).resolve().parent
_READER = _PACKAGE.parent.parent / "generator" / "frontends"
_MAKERS = ("torch", "numpy", "onnx", "onnxruntime")


@cache
def definition_hash() -> str:
    """Return the hash of the zoo's sources and data, and of what else makes its files.

    That is the frontend, which reads a float model before it is quantized, and the packages.
    """
    digest = hashlib.sha256()
    sources = [*_PACKAGE.rglob("*.py"), *_READER.glob("*.py")]
    for path in sorted([*sources, *(_PACKAGE / "data").glob("*.npz")]):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    for name in _MAKERS:
        digest.update(f"{name}=={version(name)}\0".encode())
    return digest.hexdigest()


def cached(kind: str, key: str, make: Callable[[], bytes]) -> bytes:
    """Return the kept bytes of `key`, or make and keep them; InputError for an unusable cache."""
    return Store("zoo", f".{kind}").kept(content_key((kind, definition_hash(), key)), make)
