"""Instructions as the pipelines see them: class, operands by use, addressing."""

from __future__ import annotations

from dataclasses import dataclass

PC = "pc"
FLAGS = "flags"
LOADS = frozenset({"load", "fp_load"})
STORES = frozenset({"store", "fp_store"})
DOUBLES = frozenset({"load_double", "store_double"})
MULTIPLES = frozenset({"load_multiple", "store_multiple", "fp_load_multiple", "fp_store_multiple"})
MEMORY = LOADS | STORES | DOUBLES | MULTIPLES
BRANCHES = frozenset({"branch", "call", "indirect", "table_branch"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a load or store goes: `base` + `index` or + `offset` bytes, `width` bytes wide.

    `step` is what a post-indexed access adds to the base afterwards, `writeback` whether the
    base changes at all.
    """

    base: str
    index: str | None
    offset: int
    width: int
    writeback: bool
    step: int

    @property
    def registers(self) -> tuple[str, ...]:
        """The registers the address is made of."""
        return (self.base,) if self.index is None else (self.base, self.index)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One decoded instruction.

    `kind` is a class of `platforms/cortex_m/timing/classes.toml`. Registers by use: `data` are
    ordinary operands, `shifted` go through the inline shifter (or are what a bitfield
    instruction extracts from), `addend` is a multiply-accumulate's sum. The address registers
    are in `address` alone. `operand` tells how the last operand of a data instruction is made:
    plain, pattern (a byte repeated), shifted_constant or shifted_register. `registers` is the
    length of a register list.
    """

    address: int
    size: int
    kind: str
    mnemonic: str
    text: str
    data: tuple[str, ...] = ()
    shifted: tuple[str, ...] = ()
    addend: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    memory: Address | None = None
    operand: str = "plain"
    registers: int = 0
    conditional: bool = False
    sets_flags: bool = False
    reads_flags: bool = False

    @property
    def end(self) -> int:
        """The first address behind the instruction."""
        return self.address + self.size

    @property
    def changes_pc(self) -> bool:
        """Whether the instruction can branch."""
        return self.kind in BRANCHES or PC in self.writes

    @property
    def wide(self) -> bool:
        """Whether it has four bytes."""
        return self.size == 4
