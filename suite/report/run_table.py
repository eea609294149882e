"""The table `tinyrig run` prints, from a Record alone."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tinyrig.generator.planning.nibbles import NIBBLE_PACKS
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.records.energy import nearest
from tinyrig.suite.records.record import Check, Doubt, Layer, LayerWeights, Memory, Record
from tinyrig.suite.report.split_table import layers_table, record_splits
from tinyrig.suite.report.time_words import energy_words, ms_cell

_ADVICE = (
    " Calibrate on more inputs of the kind that is run, and with --calibration-method best; what "
    "no range mends, tinyrig.qat trains."
)


def run_table(record: Record) -> RenderableType:
    """Return verdict, memory and layers as one renderable."""
    splits = record_splits(record)
    more = [layers_table(splits)] if splits else []
    return Group(_heading(record), _memory(record.memory), _layers(record), *more)


def _heading(record: Record) -> RenderableType:
    good = record.check.verdict == "match"
    verdict = Text("MATCH" if good else "MISMATCH", style="bold green" if good else "bold red")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    model, tool, backend = record.model, record.toolchain, record.backend
    size = f"({model.macs:,} MACs, {model.parameters:,} parameters)"
    table.add_row("model", Text(f"{model.name}  {size}"))
    table.add_row("board", Text(record.board_name))
    made = f"{backend.name} {backend.version}, {tool.name} {tool.version}"
    table.add_row("backend", Text(made))
    table.add_row("ELF", record.elf_sha256[:16])
    table.add_row("verdict", Text.assemble(verdict, f"  {_check_words(record.check)}"))
    if record.instructions is not None:
        per_mac = record.instructions / model.macs if model.macs else 0.0
        table.add_row("instructions", f"{record.instructions:,}  ({per_mac:.2f} a MAC)")
    memory = record.memory
    if copied := _copied_words(memory):
        cost = f"about {memory.copy_cycles:,} cycles, in no figure here"
        table.add_row("copied to RAM", f"{copied}, once at start: {cost}")
    for one in record.streamed:
        words = (
            f"{one.name}, {one.bytes:,} bytes from {one.source}, {one.band:,} of them at a time in "
            "RAM; its reading is in the figures"
        )
        table.add_row("streamed input", Text(words))
    for cycles in record.cycles:
        band = "" if cycles.error_percent is None else f" +-{cycles.error_percent:g} %"
        words = f"{cycles.value:,}{band}"
        if record.clock_mhz is not None:
            time = ms_cell(record, cycles.value)
            words = f"{words}, {time} ms at {record.clock_mhz:g} MHz"
        table.add_row(f"cycles, {cycles.column}", f"{words}  ({cycles.model})")
    joules = energy_words(record)
    if joules is not None:
        table.add_row("energy, modelled", joules)
    return table


def _copied_words(memory: Memory) -> str:
    """Return what start copies from flash to RAM; empty where it copies nothing."""
    parts = ((memory.copied, "weights and tables"), (memory.copied_code, "code"))
    return " and ".join(f"{size:,} bytes of {what}" for size, what in parts if size)


def _check_words(check: Check) -> str:
    words = f"{check.mismatches} of {check.elements} output bytes differ from the reference"
    if check.samples > 1:
        words += f", {check.samples} samples"
    if check.first_mismatch is not None:
        words += f", first at element {check.first_mismatch}"
    if check.oracle is not None and check.sqnr_db is not None:
        words += f"; against {_oracle_name(check)}: SQNR {check.sqnr_db:.1f} dB"
        if check.argmax_agreement is not None:
            words += f", arg-max agreement {check.argmax_agreement:.1%}"
    return words


def doubt_text(doubt: Doubt, check: Check) -> Text:
    """Say in one line why a model's answers are doubtful, and which layer is to blame."""
    against = _oracle_name(check)
    fall = doubt.fall
    if doubt.kind == "oracle":
        words = f"{against} gives NaN or infinity for output {doubt.output!r}"
    elif doubt.kind == "argmax" and check.argmax_agreement is not None:
        words = f"arg-max agreement with {against} is {check.argmax_agreement:.1%}, below 50%"
    elif doubt.sqnr_db is None:
        words = f"{against} gives zeros alone for output {doubt.output!r}, the firmware does not"
    else:
        level = f"{_db(doubt.sqnr_db)}, below 10 dB"
        words = f"SQNR of output {doubt.output!r} against {against} is {level}"
    where = "no layer of the integer reference falls"
    if fall is not None:
        where = f"first in layer {fall.layer!r} ({fall.op}, tensor {fall.tensor!r})"
        if doubt.kind != "oracle":
            where += f": {_db(fall.before_db)} before it, {_db(fall.behind_db)} behind it"
    advice = _ADVICE if check.oracle == "float" and doubt.kind != "oracle" else ""
    return Text.assemble(("INACCURATE", "bold red"), f"  {words}; {where}.{advice}")


def _db(level: float | None) -> str:
    return "exact" if level is None else f"{level:.1f} dB"


def _oracle_name(check: Check) -> str:
    names = {"float": "the float model", "integer": "the model's own integers"}
    return names.get(check.oracle or "", "ONNX Runtime")


def _memory(memory: Memory) -> RenderableType:
    table = Table(title="Memory, bytes", title_justify="left")
    table.add_column("")
    for name in ("total", "of", "share", "made of"):
        table.add_column(name, justify="left" if name == "made of" else "right")
    ram = (
        f"arena {memory.arena:,} (in {memory.arena_region}, {memory.arena_planner}, lower bound "
        f"{memory.arena_lower_bound:,}) + static {memory.static:,} + stack {memory.stack:,}"
    )
    if copied := _copied_words(memory):
        ram += f"; of static, {copied} are copies from flash"
    flash = (
        f"code {memory.flash_code:,} + weights {memory.flash_weights:,} "
        f"+ tables {memory.flash_tables:,}"
    )
    rows = [
        ("peak RAM", memory.peak_ram, memory.ram_limit, ram),
        ("flash", memory.flash, memory.flash_limit, flash),
    ]
    if memory.external_flash:
        outside = (memory.external_flash, memory.external_flash_limit, "weights")
        rows.append(("external flash", *outside))
    for name, used, limit, parts in rows:
        table.add_row(name, f"{used:,}", f"{limit:,}", f"{used / limit:.1%}", parts)
    return table


def _layers(record: Record) -> RenderableType:
    table = Table(title="Layers", title_justify="left")
    for name in ("layer", "op", "kernel"):
        table.add_column(name, overflow="fold")
    for name in ("MACs", "instructions", "instr/MAC", "ms", "arena", "weights"):
        table.add_column(name, justify="right")
    for layer in record.layers:
        # As Text: a name is shown as it is, never read as markup.
        table.add_row(*map(Text, _layer_cells(record, layer)))
    return table


def _layer_cells(record: Record, layer: Layer) -> tuple[str, ...]:
    count, cycles = layer.instructions, nearest(layer.cycles)
    return (
        layer.name,
        layer.op,
        layer.kernel,
        f"{layer.macs:,}" if layer.macs else "-",
        "-" if count is None else f"{count:,}",
        "-" if count is None or not layer.macs else f"{count / layer.macs:.2f}",
        ms_cell(record, None if cycles is None else cycles.value),
        f"{layer.arena:,}",
        _weights_cell(layer.weights),
    )


def _weights_cell(weights: LayerWeights | None) -> str:
    """Return the bytes of a layer's weights; of sparse ones also form, zeros, and equal rows, and
    of others whether two lie in each."""
    if weights is None:
        return "-"
    if weights.form in NIBBLE_PACKS:
        return f"{weights.bytes:,} two a byte"
    if weights.form not in SPARSE_FORMATS:
        return f"{weights.bytes:,}"
    rows = ", balanced" if weights.balanced else ""
    return f"{weights.bytes:,} {weights.form}, {weights.zeros:.0%} zero{rows}"
