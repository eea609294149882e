"""Boards as values: what `platforms/<board>/board.toml` says, checked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from generator.assets import asset_root
from generator.errors import InputError
from generator.planning.operating_point import OperatingPoint
from generator.toml_text import parse_toml

ARENA_GUARD = 16
"""Bytes the linker script adds after the arena for the firmware's end guard."""

ARENA_ALIGNMENT = 16
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_CORES = ("cortex-m4", "cortex-m7", "ri5cy")
_DRIVERS = {
    "usart_v1": ("stm32", "usart_v1"),
    "usart_v2": ("stm32", "usart_v2"),
    "cmsdk": ("cmsdk",),
    "pulp_stdout": ("pulp_stdout",),
    "rtt": ("rtt",),
}
_RTT = "rtt"
_CLOCKED = ("usart_v1", "usart_v2", "cmsdk")
"""Drivers of a UART with a baud rate; a simulator's console has none."""

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class MemoryRegion:
    """A block of the address space: `origin` and `size` in bytes."""

    name: str
    origin: int
    size: int

    @property
    def end(self) -> int:
        """The first address behind the region."""
        return self.origin + self.size


@dataclass(frozen=True)
class RegisterBit:
    """One bit of a memory-mapped register."""

    register: int
    bit: int


@dataclass(frozen=True)
class Gpio:
    """The port, pin and alternate function the UART transmits on."""

    base: int
    tx_pin: int
    alternate: int
    enable: RegisterBit


@dataclass(frozen=True)
class Uart:
    """The UART the firmware reports over; `driver` names its register layout.

    `enable` and `gpio` are what an STM32 needs before its UART works; other drivers have none.
    """

    peripheral: str
    driver: str
    base: int
    clock_hz: int = 0
    baud: int = 0
    enable: RegisterBit | None = None
    gpio: Gpio | None = None

    @property
    def is_rtt(self) -> bool:
        """Whether the firmware reports through memory that a debug probe reads."""
        return self.driver == _RTT

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of `platforms/uart` that hold the driver."""
        return _DRIVERS[self.driver]

    @property
    def divisor(self) -> int:
        """The baud rate register: clock ticks a bit."""
        return (self.clock_hz + self.baud // 2) // self.baud


@dataclass(frozen=True)
class BootWrite:
    """Bits to set in a register at boot, and bits to wait for (mask 0: none)."""

    register: int
    set: int
    ready_register: int = 0
    ready_mask: int = 0


@dataclass(frozen=True)
class Qemu:
    """QEMU's machine with this board's memory map; `serial` is the index of its UART there."""

    machine: str
    serial: int


@dataclass(frozen=True)
class ChipIdentity:
    """A register that tells the chip: its bits under `mask` are `value`."""

    register: int
    mask: int
    value: int


@dataclass(frozen=True)
class Debug:
    """The chip behind a debug probe: pyOCD's `target` name, which brings the flash algorithm,
    and what proves that the right chip is connected."""

    target: str
    identity: ChipIdentity


@dataclass(frozen=True)
class Gvsoc:
    """GVSoC's target with this board's memory map."""

    target: str


@dataclass(frozen=True)
class Cluster:
    """Cores that share the board's RAM and run every inference together.

    `cores` of them are used, one of `core_counts`. Kernels of the instruction sets in
    `parallel_isa` are called by all of them and share the work; others by the first alone.
    """

    cores: int
    core_counts: tuple[int, ...]
    parallel_isa: tuple[str, ...]


@dataclass(frozen=True)
class Compiler:
    """How the board's compilers are called: lld's emulation, gcc with Debian's package, and the
    processor by CMake's name."""

    processor: str = "arm"
    lld: str = "armelf"
    gcc: str = "arm-none-eabi-gcc"
    gcc_package: str = "gcc-arm-none-eabi"


@dataclass(frozen=True)
class Layout:
    """Where the linker puts what; sizes in bytes, regions by name. Every core has a stack.

    `arena_regions` is ordered, fastest first: the planner takes the first that fits.
    """

    stack_region: str
    static_region: str
    arena_regions: tuple[str, ...]
    stack_size: int
    red_zone: int
    static_reserve: int


@dataclass(frozen=True)
class Board:
    """A microcontroller with its memory map.

    `external_flash` is a second flash the core reads like memory, for weights alone.
    `operating_point` is the clock of a product, which `clock_hz` of the rig's firmware is not.
    """

    name: str
    mcu: str
    core: str
    isa: tuple[str, ...]
    clock_hz: int
    interrupts: int
    flash: MemoryRegion
    ram: tuple[MemoryRegion, ...]
    layout: Layout
    uart: Uart
    peripherals: tuple[MemoryRegion, ...]
    toolchain: Mapping[str, tuple[str, ...]]
    boot: tuple[BootWrite, ...] = ()
    qemu: Qemu | None = None
    external_flash: MemoryRegion | None = None
    debug: Debug | None = None
    gvsoc: Gvsoc | None = None
    cluster: Cluster | None = None
    compiler: Compiler = Compiler()
    operating_point: OperatingPoint | None = None

    @property
    def cores(self) -> int:
        """How many cores run an inference."""
        return self.cluster.cores if self.cluster else 1

    def with_cores(self, cores: int) -> Board:
        """Return the board with a number of cores in use; InputError when it cannot."""
        counts = self.cluster.core_counts if self.cluster else (1,)
        if cores not in counts:
            allowed = ", ".join(map(str, counts))
            raise InputError(f"Board {self.name} runs on {allowed} cores, not on {cores}.")
        return replace(self, cluster=self.cluster and replace(self.cluster, cores=cores))

    def is_serial(self, isa: str) -> bool:
        """True when only the first core may call kernels of an instruction set."""
        return self.cluster is not None and isa not in self.cluster.parallel_isa

    def region(self, name: str) -> MemoryRegion:
        """Return a RAM region; InputError when the board has none of that name."""
        for region in self.ram:
            if region.name == name:
                return region
        names = ", ".join(region.name for region in self.ram)
        raise InputError(f"Board {self.name} has no RAM region {name!r}; it has {names}.")

    @property
    def ram_size(self) -> int:
        """Bytes of RAM the layout may use: the regions of stack, static data and arena."""
        layout = self.layout
        used = {layout.stack_region, layout.static_region, *layout.arena_regions}
        return sum(region.size for region in self.ram if region.name in used)

    def arena_capacity(self, region: str) -> int:
        """Bytes an arena may have in a region, beside stack, static reserve and end guard."""
        room = self.region(region).size - ARENA_GUARD
        if region == self.layout.stack_region:
            room -= self.cores * (self.layout.stack_size + self.layout.red_zone)
        if region == self.layout.static_region:
            room -= self.layout.static_reserve
        return max(0, room // ARENA_ALIGNMENT * ARENA_ALIGNMENT)


def board_names() -> tuple[str, ...]:
    """Return the names of all boards, sorted."""
    return tuple(sorted(path.parent.name for path in asset_root("platforms").glob("*/board.toml")))


def load_board(name: str) -> Board:
    """Return a board by name; InputError when it is unknown or its description is wrong.

    `NAME:rtt` is the board whose firmware reports through a debug probe, not over its UART.
    """
    base, colon, channel = name.partition(":")
    if base not in board_names() or (colon and channel != _RTT):
        raise InputError(
            f"Unknown board {name!r}. Known boards: {', '.join(board_names())}; "
            f"with :{_RTT} one reports through a debug probe."
        )
    path = asset_root("platforms") / base / "board.toml"
    board = parse_board(path.read_text(encoding="utf-8"), f"{base}/board.toml")
    return _through_probe(board) if channel else board


def _through_probe(board: Board) -> Board:
    uart = replace(board.uart, peripheral="RTT", driver=_RTT, enable=None, gpio=None)
    return replace(board, uart=uart)


def parse_board(text: str, source: str) -> Board:
    """Return the board a TOML text describes; `source` names the text in an InputError."""
    table = parse_toml(text, f"{source} is not valid TOML")
    board = _read(Board, table, source)
    _check(board, source)
    return board


def _read(kind: type[_Value], table: object, where: str) -> _Value:
    """Build a dataclass from a TOML table: every key known, none missing, types exact."""
    if not isinstance(table, dict):
        raise InputError(f"{where} must be a table.")
    hints = get_type_hints(kind)
    defaults = {key for key in hints if hasattr(kind, key)}
    unknown = sorted(set(table) - set(hints))
    missing = sorted(set(hints) - defaults - set(table))
    if unknown or missing:
        found = [f"unknown {key!r}" for key in unknown] + [f"missing {key!r}" for key in missing]
        raise InputError(f"{where}: {', '.join(found)}.")
    return kind(**{key: _convert(hints[key], table[key], f"{where}: {key}") for key in table})


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin is UnionType:
        return _convert(get_args(hint)[0], value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise InputError(f"{where} must be a list.")
        element = get_args(hint)[0]
        return tuple(_convert(element, item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is not None:
        if not isinstance(value, dict):
            raise InputError(f"{where} must be a table.")
        return {key: _convert(get_args(hint)[1], value[key], f"{where}.{key}") for key in value}
    if hint in (int, str):
        if type(value) is not hint:
            raise InputError(f"{where} must be of type {hint.__name__}, not {value!r}.")
        if hint is int and not 0 <= value < 1 << 32:
            raise InputError(f"{where} must be an unsigned 32-bit number, not {value!r}.")
        return value
    return _read(hint, value, where)


def _check(board: Board, source: str) -> None:
    """Raise InputError for a description whose parts contradict each other."""
    layout = board.layout
    flashes = (board.flash, *([board.external_flash] if board.external_flash else []))
    ram = [region.name for region in board.ram]
    names = [*(region.name for region in flashes), *ram]
    wanted = (layout.stack_region, layout.static_region, *layout.arena_regions)
    problems = [
        *(f"bad name {name!r}" for name in (board.name, *names) if not _NAME.match(name)),
        *(f"two regions named {name!r}" for name in sorted(set(names)) if names.count(name) > 1),
        *(f"no RAM region {name!r}" for name in wanted if name not in ram),
        *_overlaps((*flashes, *board.ram, *board.peripherals)),
    ]
    if board.core not in _CORES:
        problems.append(f"core must be one of {', '.join(_CORES)}")
    if board.uart.driver not in _DRIVERS:
        problems.append(f"uart.driver must be one of {', '.join(_DRIVERS)}")
    elif "stm32" in board.uart.folders and not (board.uart.enable and board.uart.gpio):
        problems.append("uart.enable and uart.gpio are needed by the driver")
    if not layout.arena_regions:
        problems.append("layout.arena_regions is empty")
    if layout.stack_size % 8 or layout.red_zone % 8 or not layout.stack_size:
        problems.append("stack_size and red_zone must be multiples of 8")
    if board.uart.baud == 0 and board.uart.driver in _CLOCKED:
        problems.append("uart.baud is 0")
    if board.cluster and board.cluster.cores not in board.cluster.core_counts:
        problems.append("cluster.cores is none of cluster.core_counts")
    if board.operating_point is not None:
        problems += board.operating_point.problems(
            {region.name: region.size for region in board.ram},
            has_external=board.external_flash is not None,
        )
    if problems:
        raise InputError(f"{source}: {'; '.join(problems)}.")


def _overlaps(regions: tuple[MemoryRegion, ...]) -> list[str]:
    ordered = sorted(regions, key=lambda region: region.origin)
    return [
        f"regions {low.name!r} and {high.name!r} overlap"
        for low, high in itertools.pairwise(ordered)
        if low.end > high.origin
    ]
