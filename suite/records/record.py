"""The Record of one run. Its field names are stable: scripts rely on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.records.cycle_split import CycleSplit
from tinyrig.suite.records.document import Value, load_document

SCHEMA = 1

Count = Annotated[int, Field(ge=0, lt=1 << 63)]
Column = Literal["modelled", "modelled, board", "simulated", "measured"]
"""What cycles may be compared: modelled at zero wait states, with a board's memory, and so on."""


class ModelFacts(Value):
    """What was run: `sha256` is of the quantized graph, MACs and parameters of the model."""

    name: str
    sha256: str
    macs: Count
    parameters: Count


class BackendFacts(Value):
    """What booted the ELF."""

    name: str
    version: str


class ToolchainFacts(Value):
    """What compiled the ELF."""

    name: str
    version: str
    flags: tuple[str, ...]


class Fall(Value):
    """The layer of the integer reference where the SQNR against the oracle falls.

    `tensor` is the model's own name of what it writes. In dB; None where it is not known: before
    a layer that reads codes alone, and where the oracle is not finite.
    """

    layer: str
    op: str
    tensor: str
    before_db: float | None
    behind_db: float | None


class Doubt(Value):
    """Why a model's answers are doubtful, whatever the verdict.

    `sqnr`: the output's SQNR is below 10 dB; `argmax`: the agreement is below one half; `oracle`:
    the oracle gives NaN or infinity. `fall` is None when no layer of the reference is to blame.
    """

    kind: Literal["sqnr", "argmax", "oracle"]
    output: str
    sqnr_db: float | None
    fall: Fall | None


class Check(Value):
    """Firmware against the integer reference, and the reference's distance from float.

    `first_mismatch` is a flat element index over all samples. `sqnr_db` and `argmax_agreement`
    (a share of the rows of the first output's last axis) compare with the float model, or with
    ONNX Runtime when only a quantized graph was given (`oracle` says which); None when there is
    neither, or where they mean nothing. `doubt` is None unless they are bad.
    """

    verdict: Literal["match", "mismatch"]
    samples: Count
    elements: Count
    mismatches: Count
    first_mismatch: int | None
    oracle: Literal["float", "onnxruntime", "integer"] | None
    sqnr_db: float | None
    argmax_agreement: float | None
    doubt: Doubt | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Refuse a verdict that its own counts contradict."""
        wrong = self.verdict == "mismatch"
        if wrong != bool(self.mismatches) or wrong != (self.first_mismatch is not None):
            raise ValueError("the verdict, mismatches and first_mismatch contradict each other")
        if self.mismatches > self.elements:
            raise ValueError("there are more mismatches than elements")
        return self


class Cycles(Value):
    """Cycles, always with their source; never two sources in one column."""

    source: Literal["modelled", "simulated", "measured"]
    model: str
    value: Count
    error_percent: float | None
    memory: Literal["0ws", "board"]

    @property
    def column(self) -> Column:
        """Which figures this one may stand beside; modelled ones differ by their memory."""
        if self.source == "modelled" and self.memory == "board":
            return "modelled, board"
        return self.source


class Memory(Value):
    """Bytes. peak_ram = arena + static + stack; flash = code + weights + tables, clean ELF.

    `external_flash` are the weights when they lie outside the chip; `flash_weights` is then 0.
    `spilled` are tensors in a cluster's slow memory, where the weights lie, in no other figure.
    `l3` are the weights that lie behind it, in no other figure either, and `staged` what is kept of
    it for them while they are used.
    `copied` is the part of `static` that start copies from flash, where it is counted too, of
    weights and tables, and `copied_code` that of code; `ram_limit` has the RAM for code where any
    is there. `copy_cycles` is about what the copies take of the core, once after a reset and in no
    other figure.
    """

    arena: Count
    arena_lower_bound: Count
    arena_planner: str
    arena_region: str
    static: Count
    stack: Count
    peak_ram: Count
    ram_limit: Count
    flash: Count
    flash_code: Count
    flash_weights: Count
    flash_tables: Count
    flash_limit: Count
    external_flash: Count = 0
    external_flash_limit: Count = 0
    copied: Count = 0
    copied_code: Count = 0
    copy_cycles: Count = 0
    spilled: Count = 0
    l3: Count = 0
    l3_limit: Count = 0
    staged: Count = 0


class StreamedInput(Value):
    """An input that lies in RAM never whole: its bytes, and those of its band, which is in `arena`.

    `source` is the memory that the rig's reader copies from; what that takes is in every figure.
    """

    name: str
    bytes: Count
    band: Count
    source: str


class PowerFacts(Value):
    """What the board draws at the record's clock, and who says so.

    `spread_percent` is None where nobody says by how much that is off.
    """

    milliwatts: float = Field(gt=0)
    kind: Literal["measured", "paper", "datasheet"]
    spread_percent: float | None
    source: str


class LayerWeights(Value):
    """How a step's weights lie in flash: their form, their bytes, and the share that is zero.

    `balanced`: they are sparse, and every row stores as many blocks.
    """

    form: str
    bytes: Count
    zeros: float
    balanced: bool = False


class Layer(Value):
    """One step of the inference. `arena` is the bytes live while it runs.

    `split` tells where its simulated cycles went, None where nothing counts that.
    """

    name: str
    op: str
    kernel: str
    macs: Count
    instructions: Count | None
    cycles: tuple[Cycles, ...]
    arena: Count
    weights: LayerWeights | None = None
    split: CycleSplit | None = None


class Host(Value):
    """The machine the rig ran on; never part of a figure."""

    system: str
    python: str
    tinyrig: str


class Record(Value):
    """One run of one model on one board by one backend.

    `operating_point` names the one in use of a board that has several. Times are cycles by
    `clock_mhz`, energies those by `power`; None in records from before they were kept.
    """

    schema_version: Literal[1] = Field(default=1, alias="schema")
    model: ModelFacts
    board: str
    operating_point: str | None = None
    backend: BackendFacts
    toolchain: ToolchainFacts
    elf_sha256: str
    options: dict[str, str | int | bool | list[str]]
    check: Check
    instructions: Count | None
    cycles: tuple[Cycles, ...]
    memory: Memory
    layers: tuple[Layer, ...]
    host: Host
    started: str
    seconds: float
    clock_mhz: float | None = Field(default=None, gt=0)
    power: PowerFacts | None = None
    streamed: tuple[StreamedInput, ...] = ()

    @property
    def board_name(self) -> str:
        """The board with its operating point, as `load_board` takes it."""
        return f"{self.board}:{self.operating_point}" if self.operating_point else self.board

    def to_json(self) -> str:
        """Return the JSON text, keys in the order of the fields."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"

    def save(self, path: Path) -> None:
        """Write the JSON atomically; InputError when the place cannot be written."""
        write_atomic(path, self.to_json().encode())


def load_record(path: Path) -> Record:
    """Read a record; InputError when it is missing, truncated, edited or of a newer schema."""
    return load_document(path, "record", SCHEMA, Record)
