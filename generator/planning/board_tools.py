"""What a board.toml says to the tools that compile for a board and run it."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import with_config

from tinyrig.generator.settings import Text, Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class Qemu:
    """QEMU's machine with this board's memory map; `serial` is the index of its UART there."""

    machine: Text
    serial: Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class ChipIdentity:
    """A register that tells the chip: its bits under `mask` are `value`."""

    register: Word
    mask: Word
    value: Word


@with_config(extra="forbid")
@dataclass(frozen=True)
class Debug:
    """The chip behind a debug probe: pyOCD's `target` name, which brings the flash algorithm,
    and what proves that the right chip is connected."""

    target: Text
    identity: ChipIdentity


@with_config(extra="forbid")
@dataclass(frozen=True)
class Gvsoc:
    """GVSoC's target with this board's memory map."""

    target: Text


@with_config(extra="forbid")
@dataclass(frozen=True)
class Compiler:
    """How the board's compilers are called: lld's emulation, gcc with Debian's package, and the
    processor by CMake's name.

    `relaxes` tells that its linkers shorten calls. lld then folds what is alike in one object
    alone, to which all are joined before.
    """

    processor: Text = "arm"
    lld: Text = "armelf"
    relaxes: bool = False
    gcc: Text = "arm-none-eabi-gcc"
    gcc_package: Text = "gcc-arm-none-eabi"
