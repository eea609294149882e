"""The cache of made files: exported and quantized models, keyed by everything that made them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from generator.errors import InputError

_PACKAGE = Path(__file__).resolve().parent
_READER = _PACKAGE.parent.parent / "generator" / "frontends"
_MAKERS = ("torch", "numpy", "onnx", "onnxruntime", "scikit-learn")


def cache_dir() -> Path:
    """Return the cache folder: $TINYRIG_CACHE, else `tinyrig` in the XDG cache folder."""
    chosen = os.environ.get("TINYRIG_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "tinyrig"


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
    """Return the stored bytes of `key`, or make them and store them in one atomic step.

    A stored file begins with the digest of its content; a damaged one is made again. Raises
    InputError when the cache folder cannot be written.
    """
    name = hashlib.sha256(f"{definition_hash()}\0{key}".encode()).hexdigest()
    path = cache_dir() / "zoo" / f"{kind}-{name[:32]}"
    with contextlib.suppress(OSError):
        stored = path.read_bytes()
        content = stored[hashlib.sha256().digest_size :]
        if stored == hashlib.sha256(content).digest() + content:
            return content
    content = make()
    _write(path, hashlib.sha256(content).digest() + content)
    return content


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(
            f"The cache folder {path.parent} cannot be written ({error.strerror}). Set "
            "TINYRIG_CACHE to a folder that can."
        ) from error
