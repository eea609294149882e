"""What a gate says of results one of whose functions took more cycles than in its base."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tinyrig.suite.bench.folder import results as jobs_of
from tinyrig.suite.gate.report import Figure, GateReport


def worsened(head: Path, base: Path) -> tuple[GateReport, Path]:
    """Return the answer for the first job of `head`, and the folder of its base.

    There the dearest block of a layer took half the cycles.
    """
    (job, *_) = jobs_of(head)
    shutil.copytree(job.path, base / job.name)
    path = base / job.name / "evidence.json"
    raw = json.loads(path.read_text(encoding="utf-8"))
    block = max(
        (one for one in raw["blocks"] if one["step"] is not None), key=lambda one: one["cycles"]
    )
    block["cycles"] /= 2
    path.write_text(json.dumps(raw), encoding="utf-8")
    after = next(one.value for one in job.record.cycles if one.column == "modelled")
    before = after - block["cycles"]
    figure = Figure(
        job=job.name,
        model=job.record.model.name,
        board=job.record.board,
        metric="cycles",
        base=before,
        head=after,
        percent=100 * (after / before - 1),
        verdict="worse",
        note="",
        fails=True,
    )
    report = GateReport(
        base="base",
        head="head",
        passed=False,
        jobs=1,
        identical=0,
        booted=None,
        figures=(figure,),
        missing=(),
        new=(),
        causes=(),
        harmless=(),
    )
    return report, base
