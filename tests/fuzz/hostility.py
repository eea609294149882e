"""Damaged files through `tinyrig generate`, counted."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.damage import Damage, damaged_bytes, damaged_fields
from fuzz.limited import Ending, forked, run_command

KINDS: dict[str, Damage] = {"bytes": damaged_bytes, "fields": damaged_fields}


@dataclass
class Damages:
    """Counts of one kind of damage. `odd` were accepted though ONNX Runtime refuses the file."""

    kind: str
    codes: Counter[int] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    longest: float = 0.0
    largest: int = 0

    def lines(self) -> Iterator[str]:
        """Yield the counts as lines of text."""
        total = sum(self.codes.values())
        spread = ", ".join(f"{count} exit {code}" for code, count in sorted(self.codes.items()))
        yield (
            f"{total} files damaged by {self.kind}: {spread}; longest {self.longest:.1f} s, "
            f"largest {self.largest / 2**20:.0f} MiB, {len(self.failures)} wrong"
        )
        yield from self.odd
        yield from self.failures


def damage_files(
    kind: str, first: int, count: int, seconds: float, said: Callable[[str], None]
) -> Damages:
    """Run `count` damaged files from seed `first` on, as many as begin within `seconds`."""
    found, end = Damages(kind), time.monotonic() + seconds
    for seed in range(first, first + count):
        if time.monotonic() > end:
            break
        with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
            path = Path(name) / "model.onnx"
            path.write_bytes(KINDS[kind](seed))
            ending = run_command(["generate", path.name, "-o", "out"], path.parent)
            again = f".ci/fuzz --graphs 0 --{kind} 1 --seed {seed}"
            _count(found, ending, f"wrong: {again}", said)
            if ending.code == 0 and (refusal := _onnx_refusal(path)):
                found.odd.append(f"accepted, ONNX Runtime does not: {again}: {refusal}")
    return found


def _count(found: Damages, ending: Ending, again: str, said: Callable[[str], None]) -> None:
    found.codes[ending.code] += 1
    found.longest = max(found.longest, ending.seconds)
    found.largest = max(found.largest, ending.bytes)
    fault = ending.fault()
    if fault:
        found.failures.append(f"{again}\n  {fault}")
        said(found.failures[-1])


def _onnx_refusal(path: Path) -> str:
    """Return why ONNX Runtime does not load what of a file its outputs depend on, '' when it does.

    Nodes that nothing depends on are no part of the network here, so they may be damaged.
    """

    def load() -> None:
        import onnx
        import onnxruntime as ort

        from tinyrig.generator.frontends.proto import live_nodes
        from tinyrig.generator.frontends.validate.order import in_order

        model = in_order(onnx.load_model(path))
        kept = live_nodes(model.graph)
        del model.graph.node[:]
        model.graph.node.extend(kept)
        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    ending = forked(load, path.parent)
    lines = ending.err.strip().splitlines()
    return "" if ending.code == 0 else (lines[-1] if lines else f"code {ending.code}")[-300:]
