"""What can make a figure differ, and which of it applies to two results of one job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal

from tinyrig.generator.planning.nibbles import NIBBLE_PACKS
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.gate.alignment import Alignment, align
from tinyrig.suite.gate.arena_diff import tensor_changes
from tinyrig.suite.gate.side import GLUE, Cell, CellKey, RoutineKey, Side

Kind = Literal[
    "source",
    "compiler",
    "toolchain",
    "flags",
    "options",
    "kernel",
    "plan",
    "graph",
    "weights",
    "tables",
    "copies",
    "cycle model",
    "backend",
    "placement",
    "calls",
]
Options = Mapping[str, str | int | bool | list[str]]
_GENERATED = "model/"


@dataclass(frozen=True, order=True)
class Cause:
    """One thing that changed; equal causes of several jobs are told once.

    `files` are the changed sources, the function's own first.
    """

    kind: Kind
    subject: str
    files: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The cause in words."""
        words: dict[Kind, str] = {
            "source": "Changed source",
            "compiler": "Same source, other compiler output",
            "toolchain": "Another toolchain",
            "flags": "Other compiler flags",
            "options": "Other options",
            "kernel": "Another kernel chosen",
            "plan": "Another plan",
            "graph": "Another graph",
            "weights": "Other weights",
            "tables": "Other tables",
            "copies": "Other copies to RAM",
            "cycle model": "Another cycle model",
            "backend": "Another backend version",
            "placement": "The same code at other addresses",
            "calls": "Other parameters passed to the kernels",
        }
        return words[self.kind] + (f": {self.subject}" if self.subject else "")


@dataclass(frozen=True)
class Copied:
    """Bytes that start copies from flash to RAM on both sides, of one kind, and why they differ."""

    what: str
    before: int
    after: int
    cause: Cause


class Pair:
    """Two results of one job, and what differs between them."""

    def __init__(self, base: Side, head: Side) -> None:
        self.base, self.head = base, head
        self._aligned: dict[RoutineKey, tuple[Alignment, ...] | None] = {}

    @property
    def name(self) -> str:
        """The job's name."""
        return self.head.result.name

    @cached_property
    def wide(self) -> tuple[Cause, ...]:
        """The changes that reach every figure: toolchain, flags, options, backend, cycle model."""
        base, head = self.base.record, self.head.record
        old, new = base.toolchain, head.toolchain
        models = [[c.model for c in r.cycles if c.column == "modelled"] for r in (base, head)]
        found: list[tuple[Kind, str, str]] = [
            ("toolchain", f"{old.name} {old.version}", f"{new.name} {new.version}"),
            ("flags", _only(old.flags, new.flags), _only(new.flags, old.flags)),
            ("options", *_options(base.options, head.options)),
            ("cycle model", ", ".join(models[0]), ", ".join(models[1])),
            ("backend", _named(base.backend), _named(head.backend)),
        ]
        return tuple(
            Cause(kind, f"{one or 'none'} -> {other or 'none'}")
            for kind, one, other in found
            if one != other
        )

    def wide_cause(self, *kinds: Kind) -> Cause | None:
        """Return the first of the changes that reach every figure, of these kinds."""
        return next((cause for cause in self.wide if cause.kind in kinds), None)

    @cached_property
    def changed_files(self) -> frozenset[str]:
        """Paths of the files whose text differs, comments apart, or that one side lacks."""
        texts = [
            {source.path: source.sha256 for source in side.evidence.sources}
            for side in (self.base, self.head)
        ]
        old, new = texts
        return frozenset(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))

    def alignment(self, key: RoutineKey) -> tuple[Alignment, ...] | None:
        """Return a function's code side by side; None when one side lacks the function."""
        if key not in self._aligned:
            one, other = self.base.listings(key), self.head.listings(key)
            both = bool(one) and len(one) == len(other)
            pairs = zip(one, other, strict=True) if both else ()
            self._aligned[key] = tuple(align(a, b) for a, b in pairs) if both else None
        return self._aligned[key]

    def same_code(self, key: RoutineKey) -> bool:
        """Whether a function does the same on both sides, wherever it lies."""
        found = self.alignment(key)
        return found is not None and all(one.same for one in found)

    def cause_of_routine(self, key: RoutineKey) -> Cause:
        """Return why a function's code differs."""
        unit = self.head.unit(key) or self.base.unit(key)
        if unit is not None and unit.startswith(_GENERATED):
            return self.cause_of_generated
        tools = self.wide_cause("toolchain", "flags")
        if tools is not None:
            return tools
        changed = self._changed_for(unit)
        lacking = (self.base.unit(key) is None) != (self.head.unit(key) is None)
        if lacking and (kernel := self._kernel_or_none(unit)) is not None:
            return kernel
        if changed:
            return Cause("source", _few(changed), tuple(changed))
        return self._kernel_or_none() or Cause("compiler", "")

    @cached_property
    def cause_of_generated(self) -> Cause:
        """Why the generated code or the tables differ."""
        base, head = self.base.evidence, self.head.evidence
        if (options := self.wide_cause("options")) is not None:
            return options
        if base.layers != head.layers:
            gone = [name for name in base.layers if name not in head.layers]
            new = [name for name in head.layers if name not in base.layers]
            parts = (f"without {_few(gone)}" if gone else "", f"with {_few(new)}" if new else "")
            return Cause("graph", ", ".join(part for part in parts if part) or "in another order")
        if (kernel := self._kernel_or_none()) is not None:
            return kernel
        if tensor_changes(base, head) or base.loops != head.loops:
            return Cause("plan", "")
        return self.cause_of_tables or Cause("calls", "")

    @cached_property
    def cause_of_tables(self) -> Cause | None:
        """Why weights or tables have other contents; None when they have not."""
        kinds: tuple[Literal["weights", "tables"], ...] = ("weights", "tables")
        base, head = self.base.record.model, self.head.record.model
        for kind in kinds:
            old, new = (
                sorted(table.sha256 for table in side.evidence.tables if table.kind == kind)
                for side in (self.base, self.head)
            )
            if old != new and base.sha256 != head.sha256:
                return Cause(kind, head.name)
            if old != new:
                # The same model: its constants are only laid out otherwise.
                packed = Cause("tables", "those of the same model, laid out otherwise")
                return self.wide_cause("options") or self._kernel_or_none() or packed
        return None

    @cached_property
    def copies(self) -> tuple[Copied, ...]:
        """What start copies to RAM and other bytes of; it counts as static RAM."""
        old, new = self.base.record.memory, self.head.record.memory
        kinds = (
            ("weights and tables", old.copied, new.copied),
            ("code", old.copied_code, new.copied_code),
        )
        asked = self.wide_cause("options")
        return tuple(
            Copied(what, before, after, asked or Cause("copies", what))
            for what, before, after in kinds
            if before != after
        )

    def _kernel_or_none(self, unit: str | None = None) -> Cause | None:
        """Return another kernel that was chosen: one of a unit, if the unit holds one, or any."""
        layers = range(len(self.head.evidence.layers))
        found = [cause for step in layers if (cause := self.kernel_cause([step])) is not None]
        stem = PurePosixPath(unit).stem if unit else ""
        own = [cause for cause in found if stem in cause.subject.split(": ")[0].split(" -> ")]
        return next(iter(own or found), None)

    def kernel_cause(self, steps: Iterable[int]) -> Cause | None:
        """Return the first other kernel among layers both sides have."""
        old = dict(zip(self.base.evidence.layers, self.base.evidence.kernels, strict=True))
        for step in steps:
            before = old.get(self.head.evidence.layers[step])
            now = self.head.evidence.kernels[step]
            if before is not None and before != now:
                reason = self._other_zeros(self.head.evidence.layers[step])
                return Cause("kernel", f"{before} -> {now}{reason}")
        return None

    def _other_zeros(self, layer: str) -> str:
        """Say how the zeros of a layer's weights changed, where its form changed with them."""
        old, new = (
            next((one.weights for one in side.record.layers if one.name == layer), None)
            for side in (self.base, self.head)
        )
        if old is None or new is None or old.zeros == new.zeros or old.form == new.form:
            return ""
        went = f"{layer} went from {_form(old.form)} to {_form(new.form)}"
        return f": {went} because {new.zeros:.0%} of its weights are zero, before {old.zeros:.0%}"

    @cached_property
    def changes(self) -> Mapping[Cause, CellKey | None]:
        """Everything that differs, with a layer and function it shows in, where there is one."""
        found: dict[Cause, CellKey | None] = dict.fromkeys(self.wide)
        base, head = self.base.evidence, self.head.evidence
        kernels = (self.kernel_cause([step]) for step in range(len(head.layers)))
        planned = bool(tensor_changes(base, head)) or base.loops != head.loops
        plain = [
            *kernels,
            self.cause_of_tables,
            self.cause_of_generated if base.layers != head.layers else None,
            Cause("plan", "") if planned else None,
            *(copied.cause for copied in self.copies),
        ]
        for cause in plain:
            if cause is not None:
                found.setdefault(cause, None)
        # Without a profile nobody knows what was executed: every function counts.
        places = sorted(self.head.cells) or [(GLUE, key) for key in sorted(self.head.routines)]
        for layer, key in places:
            if not self.same_code(key) and not self._is_generated(key):
                found.setdefault(self.cause_of_routine(key), (layer, key))
        return found or {Cause("placement", ""): None}

    def cause_of_cell(self, cell: CellKey) -> Cause:
        """Return why a function costs a layer something else."""
        layer, key = cell
        if (kernel := self._kernel_of(layer)) is not None:
            return self.wide_cause("options") or kernel
        if layer != GLUE and (layer in self._layers(self.base)) != (
            layer in self._layers(self.head)
        ):
            return self.cause_of_generated
        if not self.same_code(key):
            return self.cause_of_routine(key)
        old, new = self.base.cells.get(cell, Cell()), self.head.cells.get(cell, Cell())
        if old.entries != new.entries:
            return self._cause_of_caller(layer)
        wide = self.wide_cause("cycle model", "backend")
        moved_data = tensor_changes(self.base.evidence, self.head.evidence)
        return wide or (self.cause_of_generated if moved_data else Cause("placement", ""))

    def cause_of_layer(self, layer: str) -> Cause:
        """Return why a layer costs something else, of a lane that tells no functions."""
        if (kernel := self._kernel_of(layer)) is not None:
            return self.wide_cause("options") or kernel
        file = f"{self.head.kernel(layer)}.c"
        for key in sorted(self.head.routines):
            if key[1] == file and not self.same_code(key):
                return self.cause_of_routine(key)
        wide = self.wide_cause("backend", "cycle model")
        return wide or next(iter(self.changes))

    def _cause_of_caller(self, layer: str) -> Cause:
        """Return why functions with the same code run more often: who calls them differs."""
        changed = [
            key
            for name, key in self.head.cells
            if name == layer and not self.same_code(key) and not self._is_generated(key)
        ]
        return self.cause_of_routine(changed[0]) if changed else self.cause_of_generated

    def _is_generated(self, key: RoutineKey) -> bool:
        return (self.head.unit(key) or "").startswith(_GENERATED)

    def _kernel_of(self, layer: str) -> Cause | None:
        layers = self.head.evidence.layers
        return self.kernel_cause([layers.index(layer)]) if layer in layers else None

    @staticmethod
    def _layers(side: Side) -> tuple[str, ...]:
        return side.evidence.layers

    def _changed_for(self, unit: str | None) -> list[str]:
        """Return the changed files a unit is made of: its own text, then its headers."""
        if unit is None:
            return []
        parts = {unit}
        for side in (self.base, self.head):
            for source in side.evidence.sources:
                if source.path == unit:
                    parts.update(source.includes)
        return sorted(parts & self.changed_files, key=lambda path: (path != unit, path))


def _form(pack: str) -> str:
    return pack if pack in SPARSE_FORMATS or pack in NIBBLE_PACKS else "dense"


def _only(flags: tuple[str, ...], other: tuple[str, ...]) -> str:
    return " ".join(flag for flag in flags if flag not in other)


def _options(base: Options, head: Options) -> tuple[str, str]:
    """Return the words of the options that only one side has."""
    words = [set(_words(options)) for options in (base, head)]
    return ", ".join(sorted(words[0] - words[1])), ", ".join(sorted(words[1] - words[0]))


def _words(options: Options) -> Iterator[str]:
    for name, value in options.items():
        parts = value if isinstance(value, list) else str(value).split()
        yield from (part if "=" in part or len(parts) > 1 else f"{name} {part}" for part in parts)


def _named(facts: object) -> str:
    return f"{getattr(facts, 'name', '')} {getattr(facts, 'version', '')}"


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 2} more" if len(names) > 3 else ""
    return ", ".join(names[:2] if more else names) + more
