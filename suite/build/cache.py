"""A store of build products by content hash, safe for several processes at once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generator.errors import InputError


def cache_root() -> Path:
    """Return the cache directory: $TINYRIG_CACHE, else `tinyrig` under the XDG cache."""
    chosen = os.environ.get("TINYRIG_CACHE")
    if chosen:
        return Path(chosen).absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "tinyrig"


def content_key(parts: Iterable[str | bytes]) -> str:
    """Return the SHA-256 of a sequence of parts, each preceded by its length."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "little"))
        digest.update(raw)
    return digest.hexdigest()


@dataclass(frozen=True)
class Store:
    """Files of one kind in the cache; `suffix` starts with a dot."""

    folder: Path
    suffix: str

    def path(self, key: str) -> Path:
        """Return where the product of `key` is, or would be."""
        return self.folder / key[:2] / f"{key}{self.suffix}"

    def load(self, key: str) -> bytes | None:
        """Return a product's bytes, None when it is not stored; InputError when unreadable."""
        try:
            return self.path(key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable("read", error) from error

    def save(self, key: str, content: bytes) -> Path:
        """Store a product under its key in one step; InputError when the cache is unwritable."""
        target = self.path(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._unusable("write to", error) from error
        return target

    def _unusable(self, action: str, error: OSError) -> InputError:
        return InputError(
            f"Cannot {action} the build cache {self.folder}: {error.strerror}. "
            "Set TINYRIG_CACHE to a writable directory."
        )


def store(kind: str, suffix: str) -> Store:
    """Return the store of one kind of product under the current cache root."""
    return Store(cache_root() / kind, suffix)
