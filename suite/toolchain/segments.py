"""The loadable segments of an ELF, which lie apart where they are loaded and where they run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from elftools.elf.elffile import ELFFile

from tinyrig.generator.errors import BuildError


@dataclass(frozen=True)
class Segment:
    """Bytes to load at a physical address; `runs` is the one they are used at."""

    address: int
    data: bytes = field(repr=False)
    runs: int


def bytes_used_at(segments: Iterable[Segment], address: int, size: int) -> bytes:
    """Return up to `size` bytes by the address they are used at; none where no segment has it."""
    for segment in segments:
        at = address - segment.runs
        if 0 <= at < len(segment.data):
            return segment.data[at : at + size]
    return b""


def read_segments(file: ELFFile) -> tuple[Segment, ...]:
    """Return the segments that hold bytes.

    BuildError when two segments overlap where they are loaded or where they run. A loader may
    clear all that a segment takes in memory at its load address, as Renode's does, so segments
    without bytes count too.
    """
    parts = [part for part in file.iter_segments("PT_LOAD") if part["p_memsz"]]
    for kind, key in (("load", "p_paddr"), ("run", "p_vaddr")):
        _check_apart(kind, ((int(part[key]), int(part["p_memsz"])) for part in parts))
    return tuple(
        Segment(int(part["p_paddr"]), part.data(), int(part["p_vaddr"]))
        for part in parts
        if part["p_filesz"]
    )


def _check_apart(kind: str, places: Iterable[tuple[int, int]]) -> None:
    for (first, size), (second, other) in pairwise(sorted(places)):
        if first + size > second:
            raise BuildError(
                f"The linked image has two segments that overlap at their {kind} addresses: "
                f"{size} bytes from 0x{first:08x} and {other} bytes from 0x{second:08x}. "
                "The linker script gives a section no load region of its own."
            )
