"""Boards as values: what `platforms/<board>/board.toml` says, checked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import with_config

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board_files import BOARD_FILE, board_files, board_table
from tinyrig.generator.planning.board_tools import Compiler, Debug, Gvsoc, Qemu
from tinyrig.generator.planning.core import core_names
from tinyrig.generator.planning.memory_region import CopiedMemory, MemoryRegion, RamRegion
from tinyrig.generator.planning.operating_point import OperatingPoint
from tinyrig.generator.planning.power import Power
from tinyrig.generator.planning.uart import RTT, Uart
from tinyrig.generator.settings import Text, Word, check_settings
from tinyrig.generator.toml_text import read_toml

ARENA_GUARD = 16
"""Bytes the linker script adds after the arena for the firmware's end guard."""

ARENA_ALIGNMENT = 16
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_POINT_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")


@with_config(extra="forbid")
@dataclass(frozen=True)
class BootWrite:
    """Bits to set in a register at boot, and bits to wait for (mask 0: none)."""

    register: Word
    set: Word
    ready_register: Word = 0
    ready_mask: Word = 0


@with_config(extra="forbid")
@dataclass(frozen=True)
class Cluster:
    """Cores that share the board's RAM and run every inference together.

    `cores` of them are used, one of `core_counts`. Kernels of the instruction sets in
    `parallel_isa` are called by all of them and share the work; others by the first alone.
    A plan takes at most `most_l1` bytes of their memory beside the stacks, 0 for all there is.
    """

    cores: Word
    core_counts: tuple[Word, ...]
    parallel_isa: tuple[Text, ...]
    most_l1: Word = 0


@with_config(extra="forbid")
@dataclass(frozen=True)
class Layout:
    """Where the linker puts what; sizes in bytes, regions by name. Every core has a stack.

    `arena_regions` is ordered, fastest first: the planner takes the first that fits. `code_region`
    is RAM that code is fetched from without a wait, and nothing else lies in; empty where none is.
    It may be an alias of bytes inside a region of data, which ends there where code is copied.
    """

    stack_region: Text
    static_region: Text
    arena_regions: tuple[Text, ...]
    stack_size: Word
    red_zone: Word
    static_reserve: Word
    code_region: Text = ""


@with_config(extra="forbid")
@dataclass(frozen=True)
class Board:
    """A microcontroller with its memory map.

    `external_flash` is a second flash the core reads like memory, for weights alone, `l3` a memory
    that no core reads, whose weights are copied to the flash's region while they are used.
    `operating_point` is the clock of a product, which `clock_hz` of the rig's firmware is not: the
    only one, or the one in use of several `operating_points` by name, the first if none is chosen.
    """

    name: Text
    mcu: Text
    core: Text
    isa: tuple[Text, ...]
    clock_hz: Word
    interrupts: Word
    flash: MemoryRegion
    ram: tuple[RamRegion, ...]
    layout: Layout
    uart: Uart
    peripherals: tuple[MemoryRegion, ...]
    toolchain: Mapping[Text, tuple[Text, ...]]
    boot: tuple[BootWrite, ...] = ()
    qemu: Qemu | None = None
    external_flash: MemoryRegion | None = None
    debug: Debug | None = None
    gvsoc: Gvsoc | None = None
    cluster: Cluster | None = None
    l3: CopiedMemory | None = None
    compiler: Compiler = field(default_factory=Compiler)
    operating_point: OperatingPoint | None = None
    operating_points: Mapping[Text, OperatingPoint] = field(default_factory=dict)
    power: tuple[Power, ...] = ()

    @property
    def point_name(self) -> str | None:
        """The name of the operating point in use; None unless the board has several."""
        named = self.operating_points.items()
        return next((name for name, point in named if point is self.operating_point), None)

    @property
    def product_mhz(self) -> float:
        """The clock of a product: of the operating point in use, else the firmware's own."""
        point = self.operating_point
        return point.clock_mhz if point else self.clock_hz / 1e6

    def power_at(self, clock_mhz: float) -> Power | None:
        """Return what is known of the board's power nearest a clock; None when nothing is."""
        return min(self.power, key=lambda one: abs(one.clock_mhz - clock_mhz), default=None)

    @property
    def full_name(self) -> str:
        """The board's name, with that of its operating point where it has several."""
        return f"{self.name}:{self.point_name}" if self.point_name else self.name

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

    def with_l1(self, size: int) -> Board:
        """Return the board with at most `size` bytes of the cores' memory for a plan.

        InputError when it has no cluster or less memory than that.
        """
        most = self.arena_capacity(self.layout.arena_regions[0])
        if self.cluster is None or not 0 < size <= most:
            found = f"has {most:,} bytes for a plan" if self.cluster else "has no cluster's L1"
            raise InputError(f"Board {self.name} {found}; {size:,} were asked for.")
        return replace(self, cluster=replace(self.cluster, most_l1=size))

    def limited(self, cores: int | None, l1: int | None) -> Board:
        """Return the board with so many cores and bytes of L1, None for all; see the two above."""
        board = self if cores is None else self.with_cores(cores)
        return board if l1 is None else board.with_l1(l1)

    def is_serial(self, isa: str) -> bool:
        """True when only the first core may call kernels of an instruction set."""
        return self.cluster is not None and isa not in self.cluster.parallel_isa

    def region(self, name: str) -> RamRegion:
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

    @property
    def code_size(self) -> int:
        """Bytes of RAM for code beside those of `ram_size`; 0 where the board has none."""
        code = self.layout.code_region
        return self.region(code).size if code and not self.region(code).alias else 0

    def aliased(self, region: RamRegion) -> RamRegion | None:
        """Return the region that an alias lies inside of; None where that is none."""
        end = region.alias + region.size
        holding = (one for one in self.ram if one.origin <= region.alias and end <= one.end)
        return next((one for one in holding if region.alias and not one.alias), None)

    def arena_capacity(self, region: str) -> int:
        """Bytes an arena may have in a region, beside stack, static reserve and end guard."""
        room = self.region(region).size - ARENA_GUARD
        if region == self.layout.stack_region:
            room -= self.cores * (self.layout.stack_size + self.layout.red_zone)
        if region == self.layout.static_region:
            room -= self.layout.static_reserve
        if self.cluster and self.cluster.most_l1:
            room = min(room, self.cluster.most_l1)
        return max(0, room // ARENA_ALIGNMENT * ARENA_ALIGNMENT)


def board_names() -> tuple[str, ...]:
    """Return the names of all boards, sorted."""
    return tuple(sorted(board_files()))


def load_board(name: str) -> Board:
    """Return a board; InputError when it is unknown or its description is wrong.

    `name` is one of `board_names()`, a folder with a board.toml, or such a file. `NAME:POINT` is it
    at one of its named operating points, `NAME:rtt` with firmware that reports through a debug
    probe, not over its UART.
    """
    base, *words = name.split(":")
    files = board_files()
    path = files.get(base) or _given(base, files)
    if path is None:
        raise _unknown(name)
    board = parse_board(read_toml(path, "board"), f"{path.parent.name}/{path.name}")
    if base in files and board.name != base:
        raise InputError(f"{path}: the name is {board.name!r}, not the folder's.")
    for word in words:
        if word == RTT:
            board = replace(board, uart=board.uart.through_probe())
        elif word in board.operating_points:
            board = _at(board, word)
        else:
            raise _unknown(name, board.operating_points)
    return board


def _unknown(name: str, points: Collection[str] = ()) -> InputError:
    named = f" Its operating points: {', '.join(points)}." if points else ""
    return InputError(
        f"Unknown board {name!r}. Known boards: {', '.join(board_names())}; a folder with a "
        f"{BOARD_FILE} is one too; with :{RTT} one reports through a debug probe.{named}"
    )


def _at(board: Board, point: str) -> Board:
    return replace(board, operating_point=board.operating_points[point])


def board_folder(name: str) -> Path | None:
    """Return the folder of a board of `board_names()`; None for a board given by its file."""
    path = board_files().get(name)
    return path.parent if path else None


def _given(spec: str, known: Mapping[str, Path]) -> Path | None:
    """Return the file of a board that is given by its path, if there is one.

    InputError when it goes by the name of a known board: what is measured on it is kept by name.
    """
    try:
        path = Path(spec) / BOARD_FILE if Path(spec).is_dir() else Path(spec)
        if not path.is_file():
            return None
    except (OSError, ValueError):  # what can be no path is no board either
        return None
    name = parse_board(read_toml(path, "board"), spec).name
    if name in known and not known[name].samefile(path):
        raise InputError(
            f"Board {name!r} is there twice, in {known[name]} and in {path}: rename one."
        )
    return path


def parse_board(text: str, source: str) -> Board:
    """Return the board a TOML text describes; `source` names the text in an InputError."""
    board = check_settings(Board, board_table(text, source), source)
    _check(board, source)
    return _at(board, next(iter(board.operating_points))) if board.operating_points else board


def _check(board: Board, source: str) -> None:
    """Raise InputError for a description whose parts contradict each other."""
    layout = board.layout
    flashes = [one for one in (board.flash, board.external_flash, board.l3) if one is not None]
    ram = [region.name for region in board.ram]
    names = [*(region.name for region in flashes), *ram]
    wanted = (layout.stack_region, layout.static_region, *layout.arena_regions)
    problems = [
        *(f"bad name {name!r}" for name in (board.name, *names) if not _NAME.match(name)),
        *(f"two regions named {name!r}" for name in sorted(set(names)) if names.count(name) > 1),
        *(f"no RAM region {name!r}" for name in wanted if name not in ram),
        *_overlaps((*flashes, *board.ram, *board.peripherals)),
    ]
    if board.core not in core_names():
        problems.append(f"core must be one of {', '.join(core_names())}")
    if not board.clock_hz:
        problems.append("clock_hz is 0")
    problems += board.uart.problems()
    if not layout.arena_regions:
        problems.append("layout.arena_regions is empty")
    if layout.stack_size % 8 or layout.red_zone % 8 or not layout.stack_size:
        problems.append("stack_size and red_zone must be multiples of 8")
    if board.cluster and board.cluster.cores not in board.cluster.core_counts:
        problems.append("cluster.cores is none of cluster.core_counts")
    problems += _code_problems(layout, ram, wanted)
    problems += _alias_problems(board)
    problems += _point_problems(board)
    problems += [problem for power in board.power for problem in power.problems()]
    if problems:
        raise InputError(f"{source}: {'; '.join(problems)}.")


def _code_problems(layout: Layout, ram: Sequence[str], taken: Collection[str]) -> list[str]:
    code = layout.code_region
    if not code:
        return []
    if code not in ram:
        return [f"no RAM region {code!r}"]
    return [f"layout.code_region {code!r} is a region of data"] if code in taken else []


def _alias_problems(board: Board) -> Iterator[str]:
    for region in board.ram:
        if region.alias and region.name != board.layout.code_region:
            yield f"{region.name!r} is an alias and not layout.code_region"
        if region.alias and board.aliased(region) is None:
            yield f"{region.name!r} is an alias of bytes that are not inside another region"


def _point_problems(board: Board) -> list[str]:
    found = []
    if board.operating_point and board.operating_points:
        found.append("operating_point and operating_points exclude each other")
    named = board.operating_points
    found += [
        f"bad name {name!r} of an operating point"
        for name in named
        if name == RTT or not _POINT_NAME.match(name)
    ]
    points = [*([board.operating_point] if board.operating_point else []), *named.values()]
    sizes = {region.name: region.size for region in board.ram}
    for point in points:
        found += point.problems(sizes, has_external=board.external_flash is not None)
    return found


def _overlaps(regions: tuple[MemoryRegion, ...]) -> list[str]:
    ordered = sorted(regions, key=lambda region: region.origin)
    return [
        f"regions {low.name!r} and {high.name!r} overlap"
        for low, high in itertools.pairwise(ordered)
        if low.end > high.origin
    ]
