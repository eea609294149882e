"""asv: what every model takes on every board, a commit at a time; lower is better everywhere.

asv imports this file from the checkout it was started in, and measures with the `suite` of each
commit it installs. So the parameters stand here, nothing of `suite` is imported before it is
used, and a commit that cannot measure yet has no value (n/a) instead of a failure.
"""

from __future__ import annotations

import itertools
import math
import os
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinyrig.suite.records.record import Cycles, Record

MODELS = (
    "eegformer",
    "ecgformer",
    "trformer",
    "tinyvit-digits",
    "eegformer-mhsa",
    "ecgformer-mhsa",
    "trformer-mhsa",
    "mlperf-ic",
    "mlperf-kws",
    "mlperf-vww",
    "mlperf-ad",
    "tinyformer-block",
    "tinyformer-fashion",
    "mcuformer-fashion",
    "mhsa",
    "encoder",
)
BOARDS = ("stm32f427", "stm32f746", "stm32h743")
HEAVY = {
    "vit-240": "stm32h743",
    "tinyformer-300k": "stm32f746",
    "tinyformer-120k": "stm32f746",
    "tinyformer-1m": "stm32f746",
    "mcuformer-f427": "stm32f427",
    "mcuformer-f746": "stm32f746",
    "mcuformer-h743": "stm32h743",
}
"""What takes a minute and more, each on the one board that it is for."""
LANE_MODELS = ("ecgformer", "tinyvit-digits")
LANE_BOARDS = ("stm32f427", "stm32h743", "mps2_an386", "mps2_an500", "netduinoplus2")
KERNEL_BOARDS = ("stm32f427", "stm32h743")
_REGISTRY = Path(__file__).parents[2] / "kernels" / "registry.toml"

_ISAS = ("ref", "m4", "m7")

Key = tuple[str, str, str, str]
"""Model, board, toolchain, lane."""

Figures = Mapping[Key, Mapping[str, float] | str]
"""By key: the figures by name, those of a kernel under `kernel NAME`; or why there are none."""

_TOOLS_AND_LANES = (("zig", "gcc"), ("embedded", "qemu"))
_FIRMWARE = tuple(itertools.product(MODELS, BOARDS, ("zig",), ("embedded",)))
_LANES = tuple(itertools.product(LANE_MODELS, LANE_BOARDS, *_TOOLS_AND_LANES))
_HEAVY = tuple((model, board, "zig", "embedded") for model, board in HEAVY.items())
_SKIPPED = (2, 5)
"""Exit codes of a job whose model, board or tool this commit or this machine has not."""


def figures_of(keys: Iterable[Key]) -> Figures:
    """Measure on all cores; what cannot be measured here is not in the answer."""
    try:
        from tinyrig.suite.bench.folder import Result
        from tinyrig.suite.bench.job import Job
        from tinyrig.suite.bench.local import run_local
    except ImportError:
        return {}
    jobs = [
        Job(model=model, board=board, toolchain=toolchain, backend=lane)
        for model, board, toolchain, lane in keys
    ]
    found: dict[Key, Mapping[str, float] | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for end in run_local(jobs, Path(folder), os.cpu_count() or 1):
            job = end.job
            key = (job.model, job.board, job.toolchain, job.backend)
            if end.code in (0, 1):
                found[key] = figures(Result(Path(folder) / job.name).record)
            elif end.code not in _SKIPPED:
                found[key] = end.message
    return found


def figures(record: Record) -> Mapping[str, float]:
    """Return a record's figures; what its lane cannot tell is missing."""
    check, memory = record.check, record.memory
    found: dict[str, float] = {
        "mismatches": check.mismatches,
        **{name: getattr(memory, name) for name in ("peak_ram", "arena", "stack", "static")},
        "flash": memory.flash + memory.external_flash,
    }
    if record.instructions is not None:
        found["instructions"] = record.instructions
    if check.argmax_agreement is not None:
        found["argmax_error"] = 100 * (1 - check.argmax_agreement)
    if check.sqnr_db is not None:
        found["noise"] = 100 * 10 ** (-check.sqnr_db / 20)
    found.update({cycles.source: cycles.value for cycles in filter(_tracked, record.cycles)})
    for layer in record.layers:
        for cycles in filter(_tracked, layer.cycles):
            if cycles.source == "modelled":
                name = f"kernel {layer.kernel}"
                found[name] = found.get(name, 0) + cycles.value
    return found


def _tracked(cycles: Cycles) -> bool:
    """Whether cycles are of a column this file tracks; told by what the oldest records have."""
    return cycles.source != "modelled" or cycles.memory == "0ws"


def setup_cache() -> Figures:
    """Measure everything once a commit."""
    return figures_of(dict.fromkeys((*_FIRMWARE, *_LANES, *_HEAVY)))


setup_cache.timeout = 3600  # type: ignore[attr-defined]


def _figure(figures: Figures, key: Key, name: str) -> float:
    found = figures[key]
    if isinstance(found, str):
        raise RuntimeError(found)
    return found.get(name, math.nan)


class _Tracked:
    """Benchmarks over keys; where nothing was measured, asv is told to skip."""

    def setup(self, figures: Figures, model: str, board: str, toolchain: str, lane: str) -> None:
        if (model, board, toolchain, lane) not in figures:
            raise NotImplementedError


def _track(name: str, unit: str) -> Any:
    def track(
        _: _Tracked, figures: Figures, model: str, board: str, toolchain: str, lane: str
    ) -> float:
        return _figure(figures, (model, board, toolchain, lane), name)

    track.unit = unit  # type: ignore[attr-defined]
    # Its values stay comparable when this file changes.
    track.version = "1"  # type: ignore[attr-defined]
    return track


class Firmware(_Tracked):
    """One inference of every model, by the default compiler on the default lane."""

    params = ((*MODELS, *HEAVY), BOARDS, ("zig",), ("embedded",))
    param_names = ("model", "board", "toolchain", "lane")
    track_instructions = _track("instructions", "instructions")
    track_cycles = _track("modelled", "modelled cycles")
    track_peak_ram = _track("peak_ram", "bytes")
    track_arena = _track("arena", "bytes")
    track_stack = _track("stack", "bytes")
    track_static = _track("static", "bytes")
    track_flash = _track("flash", "bytes")
    track_mismatches = _track("mismatches", "output bytes")
    track_argmax_error = _track("argmax_error", "percent")
    track_noise = _track("noise", "percent of the signal")


class Lanes(_Tracked):
    """A few models by both compilers, and on every emulator that has the board."""

    params = (LANE_MODELS, LANE_BOARDS, *_TOOLS_AND_LANES)
    param_names = ("model", "board", "toolchain", "lane")
    track_instructions = _track("instructions", "instructions")
    track_flash = _track("flash", "bytes")
    track_mismatches = _track("mismatches", "output bytes")


def _kernel_names() -> tuple[str, ...]:
    """Return the Cortex-M kernels of the checkout, in the order of its registry."""
    if not _REGISTRY.is_file():
        return ()
    registry = tomllib.loads(_REGISTRY.read_text(encoding="utf-8"))
    return tuple(entry["name"] for entry in registry["kernel"] if entry["isa"] in _ISAS)


class Kernels:
    """Modelled cycles of a kernel in all models of a board together."""

    params = (_kernel_names(), KERNEL_BOARDS)
    param_names = ("kernel", "board")

    def setup(self, figures: Figures, kernel: str, board: str) -> None:
        """Skip a kernel that no model of the board uses."""
        if not self._sum(figures, kernel, board):
            raise NotImplementedError

    def track_cycles(self, figures: Figures, kernel: str, board: str) -> float:
        """Return the sum."""
        return self._sum(figures, kernel, board)

    track_cycles.unit = "modelled cycles"  # type: ignore[attr-defined]
    track_cycles.version = "1"  # type: ignore[attr-defined]

    def _sum(self, figures: Figures, kernel: str, board: str) -> float:
        return sum(
            found.get(f"kernel {kernel}", 0)
            for key, found in figures.items()
            if not isinstance(found, str) and key[1:] == (board, "zig", "embedded")
        )
