"""What was made once, kept by the hash of all it was made of, and believed only with a proof.

An entry is its content and a seal, the digest of its kind, its key and its content. One that is
cut off, changed, of another key, no file, or of another user is removed with a warning, and made
anew by whoever asked. It is written beside its place, onto the disk, and put there in one step:
a kill at any instant, or another process that writes the same, leaves a whole entry or none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tinyrig.suite.files.root import (
    EXHAUSTED,
    cache_root,
    is_ours,
    log,
    open_folder,
    remove,
    unusable,
)

_TOP = "store"
_SEAL = hashlib.sha256().digest_size
_MOST_BYTES = 1 << 30
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


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
    """Entries of one kind in the cache; `suffix` starts with a dot."""

    kind: str
    suffix: str

    def load(self, key: str) -> bytes | None:
        """Return an entry's content; None when there is none, or it was bad and is removed.

        InputError when the cache cannot be used.
        """
        path = self._path(key)
        try:
            folder = open_folder(self._folders(key), make=False)
        except FileNotFoundError:
            return None
        try:
            raw = _read(folder, path.name)
            content = raw[:-_SEAL]
            if raw[-_SEAL:] == self._seal(key, content):
                return content
            raise _BadError("is damaged")
        except FileNotFoundError:
            return None
        except _BadError as bad:
            self._remove(folder, path, str(bad))
            return None
        finally:
            os.close(folder)

    def path(self, key: str) -> Path | None:
        """Return a file that begins with an entry's content, the seal behind it; None if none."""
        return None if self.load(key) is None else self._path(key)

    def save(self, key: str, content: bytes) -> None:
        """Keep an entry; InputError when the cache cannot be used."""
        path, new = self._path(key), f".new-{secrets.token_hex(8)}"
        folder = open_folder(self._folders(key))
        try:
            handle = os.open(new, _NEW, 0o666, dir_fd=folder)  # less what the umask takes
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                    stream.write(self._seal(key, content))
                    stream.flush()
                    os.fsync(stream.fileno())
                _place(folder, new, path.name)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(new, dir_fd=folder)
                raise
        except OSError as error:
            raise unusable(path, error) from error
        finally:
            os.close(folder)

    def kept(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return an entry's content, made and kept when there is none."""
        content = self.load(key)
        if content is None:
            content = make()
            self.save(key, content)
        return content

    def drop(self, key: str, why: str) -> None:
        """Remove an entry whose content cannot be used, with a warning."""
        with contextlib.suppress(FileNotFoundError):
            folder = open_folder(self._folders(key), make=False)
            try:
                self._remove(folder, self._path(key), why)
            finally:
                os.close(folder)

    def _remove(self, folder: int, path: Path, why: str) -> None:
        log.warning("The cached %s %s; it is made anew.", path, why)
        try:
            remove(folder, path.name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise unusable(path, error) from error

    def _folders(self, key: str) -> tuple[str, ...]:
        return _TOP, self.kind, key[:2]

    def _path(self, key: str) -> Path:
        return cache_root().joinpath(*self._folders(key), f"{key}{self.suffix}")

    def _seal(self, key: str, content: bytes) -> bytes:
        return hashlib.sha256(f"{self.kind}\0{key}\0".encode() + content).digest()


class _BadError(Exception):
    """An entry that must not be used, and why."""


def _read(folder: int, name: str) -> bytes:
    try:
        handle = os.open(name, _READ, dir_fd=folder)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise _BadError("is no file")
            if not is_ours(status):
                raise _BadError(f"belongs to another user, {status.st_uid}")
            if status.st_size > _MOST_BYTES:
                raise _BadError("is damaged")
            with open(handle, "rb", closefd=False) as stream:
                return stream.read()
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in EXHAUSTED:
            raise
        raise _BadError("is no file that can be read") from error


def _place(folder: int, new: str, name: str) -> None:
    try:
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    except IsADirectoryError:
        remove(folder, name)
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)
    with contextlib.suppress(OSError):  # not every file system syncs folders
        os.fsync(folder)
