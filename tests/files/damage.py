"""What may become of a file in the cache."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

Damage = Callable[[Path, Path], None]
"""Damages an entry; the second path is another valid entry of the same kind, or of any."""

OTHER_USER = 12345


def _truncate(entry: Path, _: Path) -> None:
    entry.write_bytes(entry.read_bytes()[: entry.stat().st_size // 2])


def _cut_seal(entry: Path, _: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-32])


def _flip(entry: Path, _: Path) -> None:
    raw = bytearray(entry.read_bytes())
    raw[len(raw) // 3] ^= 0x10
    entry.write_bytes(raw)


def _empty(entry: Path, _: Path) -> None:
    entry.write_bytes(b"")


def _swap(entry: Path, other: Path) -> None:
    entry.write_bytes(other.read_bytes())


def _folder(entry: Path, _: Path) -> None:
    entry.unlink()
    (entry / "below").mkdir(parents=True)
    (entry / "below" / "file").write_bytes(b"something")


def _link(entry: Path, other: Path) -> None:
    outside = Path(str(other) + ".elsewhere")
    shutil.copy(entry, outside)
    entry.unlink()
    entry.symlink_to(outside)


def _dangling(entry: Path, _: Path) -> None:
    entry.unlink()
    entry.symlink_to("/nonexistent")


def _linked_folder(entry: Path, _: Path) -> None:
    moved = entry.parent.with_name("moved")
    if not moved.exists():
        entry.parent.rename(moved)
        entry.parent.symlink_to(moved)


def _pipe(entry: Path, _: Path) -> None:
    entry.unlink()
    os.mkfifo(entry)


def _foreign(entry: Path, _: Path) -> None:
    os.chown(entry, OTHER_USER, -1)


DAMAGES: dict[str, Damage] = {
    "truncated": _truncate,
    "without its seal": _cut_seal,
    "a bit flipped": _flip,
    "emptied": _empty,
    "another entry's file": _swap,
    "a folder": _folder,
    "a link": _link,
    "a dangling link": _dangling,
    "its folder a link": _linked_folder,
    "a pipe": _pipe,
}
if os.geteuid() == 0:  # nobody else may give files away
    DAMAGES["of another user"] = _foreign
