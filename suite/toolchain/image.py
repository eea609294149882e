"""An ELF and what a backend and a report need to know of it."""

from __future__ import annotations

import bisect
import functools
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tinyrig.generator.errors import BuildError
from tinyrig.suite.toolchain.segments import Segment, read_segments

_SECTIONS = frozenset(
    (
        ".vectors",
        ".text",
        ".rodata",
        ".tr_weights",
        ".tr_tables",
        ".tr_sample",
        ".tr_stack",
        ".tr_arena",
        ".tr_resident",
        ".tr_spill",
        ".tr_stage",
        ".tr_l3",
        ".tr_copied",
        ".tr_code",
        ".data",
        ".bss",
    )
)
_SHF_ALLOC = 2
_BOUNDARIES = (
    "tr_ld_red_zone",
    "tr_ld_stack_bottom",
    "tr_ld_stack_top",
    "tr_ld_arena_start",
    "tr_ld_arena_end",
)


@dataclass(frozen=True)
class Symbol:
    """A function or object: `address` without the Thumb bit, `size` in bytes."""

    name: str
    address: int
    size: int


@dataclass(frozen=True)
class Sizes:
    """Bytes by kind. `code` holds the vectors, `data` is counted in flash and in RAM.

    `resident` is RAM for weights and tables while a step uses them; `copied` are those that
    start copies to RAM, counted in both too, and `copied_code` is the code, which is not in `code`.
    `l3` lies behind a cluster's slow memory.
    """

    code: int
    rodata: int
    weights: int
    tables: int
    sample: int
    data: int
    bss: int
    arena: int
    stack: int
    resident: int = 0
    copied: int = 0
    l3: int = 0
    copied_code: int = 0

    @property
    def flash(self) -> int:
        """Flash of the firmware without the rig's sample."""
        code = self.code + self.copied_code
        return code + self.rodata + self.weights + self.tables + self.data + self.copied

    @property
    def static_ram(self) -> int:
        """RAM of initialised, zeroed, resident and copied data and code, arena and stack aside."""
        return self.data + self.bss + self.resident + self.copied + self.copied_code


@dataclass(frozen=True)
class Image:
    """A linked firmware. `symbols` by name; `entry` is the reset handler without Thumb bit."""

    elf: bytes = field(repr=False)
    sha256: str
    checked: bool
    entry: int
    symbols: Mapping[str, Symbol] = field(repr=False)
    segments: tuple[Segment, ...] = field(repr=False)
    sizes: Sizes

    def address(self, name: str) -> int:
        """Return a symbol's address; BuildError when the image has none of that name."""
        try:
            return self.symbols[name].address
        except KeyError:
            raise BuildError(f"The image has no symbol {name}.") from None

    @functools.cached_property
    def _functions(self) -> list[Symbol]:
        sized = [symbol for symbol in self.symbols.values() if symbol.size]
        # Of two names of one function, `locate` sees the last: the shorter, not the alias.
        return sorted(sized, key=lambda symbol: (symbol.address, -len(symbol.name), symbol.name))

    def locate(self, address: int) -> str:
        """Return `symbol+0xoffset` for an address, or its number when no symbol holds it."""
        at = bisect.bisect_right(self._functions, address, key=lambda symbol: symbol.address)
        if at:
            symbol = self._functions[at - 1]
            if address < symbol.address + symbol.size:
                return f"{symbol.name}+0x{address - symbol.address:x}"
        return f"0x{address:08x}"

    @property
    def sample(self) -> Symbol:
        """The sample's place in flash: all model inputs back to back."""
        return Symbol("tr_sample", self.address("tr_sample"), self.sizes.sample)

    @property
    def arena(self) -> Symbol:
        """The arena, without its end guard."""
        start = self.address("tr_ld_arena_start")
        return Symbol("tr_arena", start, self.address("tr_ld_arena_end") - start)

    @property
    def stack(self) -> Symbol:
        """The stack, without its red zone."""
        bottom = self.address("tr_ld_stack_bottom")
        return Symbol("stack", bottom, self.address("tr_ld_stack_top") - bottom)

    @property
    def red_zone(self) -> Symbol:
        """The red zone under the stack."""
        start = self.address("tr_ld_red_zone")
        return Symbol("red_zone", start, self.address("tr_ld_stack_bottom") - start)


def read_image(elf: bytes, *, checked: bool) -> Image:
    """Parse a linked ELF; BuildError when it lacks a boundary symbol, is no firmware,
    or has segments that overlap."""
    file = ELFFile(io.BytesIO(elf))
    sections = {
        section.name: int(section["sh_size"])
        for section in file.iter_sections()
        if section["sh_flags"] & _SHF_ALLOC and section["sh_size"]
    }
    if strange := sorted(set(sections) - _SECTIONS):
        raise BuildError(f"The linked image has sections of no known kind: {', '.join(strange)}.")
    symbols = read_symbols(file)
    for name in _BOUNDARIES:
        if name not in symbols:
            raise BuildError(f"The linked image has no symbol {name}.")
    stack = symbols["tr_ld_stack_top"].address - symbols["tr_ld_stack_bottom"].address
    arena = symbols["tr_ld_arena_end"].address - symbols["tr_ld_arena_start"].address
    sizes = Sizes(
        code=sections.get(".vectors", 0) + sections.get(".text", 0),
        rodata=sections.get(".rodata", 0),
        weights=sections.get(".tr_weights", 0),
        tables=sections.get(".tr_tables", 0),
        sample=sections.get(".tr_sample", 0),
        data=sections.get(".data", 0),
        bss=sections.get(".bss", 0),
        arena=arena,
        stack=stack,
        resident=sections.get(".tr_resident", 0),
        copied=sections.get(".tr_copied", 0),
        l3=sections.get(".tr_l3", 0),
        copied_code=sections.get(".tr_code", 0),
    )
    return Image(
        elf=elf,
        sha256=hashlib.sha256(elf).hexdigest(),
        checked=checked,
        entry=int(file["e_entry"]) & ~1,
        symbols=symbols,
        segments=read_segments(file),
        sizes=sizes,
    )


def read_symbols(file: ELFFile) -> dict[str, Symbol]:
    """Return an ELF's functions, objects and labels by name."""
    table = file.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        raise BuildError("The linked image has no symbol table.")
    symbols = {}
    for entry in table.iter_symbols():
        kind = entry["st_info"]["type"]
        if entry.name and kind in ("STT_FUNC", "STT_OBJECT", "STT_NOTYPE"):
            mask = ~1 if kind == "STT_FUNC" else ~0
            symbols[entry.name] = Symbol(
                entry.name, int(entry["st_value"]) & mask, int(entry["st_size"])
            )
    return symbols
