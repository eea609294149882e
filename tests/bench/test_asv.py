"""asv's benchmarks give what `tinyrig bench` gives, and their lists are those of the project."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.matrix import load_matrix
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.benchmarks import track_kernels, track_matrix
from tinyrig.suite.benchmarks.track_matrix import Firmware, Kernels, Lanes, figures_of
from tinyrig.suite.models.zoo import zoo_names
from tinyrig.suite.studies.kernels.rows import rows

pytestmark = pytest.mark.end_to_end

_REPOSITORY = Path(__file__).parents[2]
_ASV = Path(sys.executable).parent / "asv"
needs_asv = pytest.mark.skipif(
    not _ASV.is_file(), reason="asv is not installed: pip install asv virtualenv"
)
_KEY = ("ecgformer-mhsa", "stm32f427", "zig", "embedded")


def test_asv_and_bench_measure_the_same() -> None:
    unknown = ("no-such-model", *_KEY[1:])
    found = figures_of([_KEY, unknown])
    record = measure_job(Job(model=_KEY[0], board=_KEY[1])).record
    assert set(found) == {_KEY}
    tracked = Firmware()
    tracked.setup(found, *_KEY)
    assert tracked.track_instructions(found, *_KEY) == record.instructions
    assert tracked.track_cycles(found, *_KEY) == record.cycles[0].value
    assert tracked.track_peak_ram(found, *_KEY) == record.memory.peak_ram
    assert tracked.track_arena(found, *_KEY) == record.memory.arena
    assert tracked.track_stack(found, *_KEY) == record.memory.stack
    assert tracked.track_flash(found, *_KEY) == record.memory.flash
    assert tracked.track_mismatches(found, *_KEY) == 0
    agreement = record.check.argmax_agreement
    assert agreement is not None
    assert tracked.track_argmax_error(found, *_KEY) == pytest.approx(100 * (1 - agreement))
    assert 0 < tracked.track_noise(found, *_KEY) < 100
    with pytest.raises(NotImplementedError):
        tracked.setup(found, *unknown)
    kernels = {layer.kernel for layer in record.layers}
    sums = [Kernels().track_cycles(found, kernel, _KEY[1]) for kernel in kernels]
    assert sum(sums) == sum(layer.cycles[0].value for layer in record.layers)


def test_a_job_that_broke_has_no_value_and_says_why() -> None:
    broken = {_KEY: "it faulted"}
    tracked = Firmware()
    tracked.setup(broken, *_KEY)
    with pytest.raises(RuntimeError, match="it faulted"):
        tracked.track_instructions(broken, *_KEY)
    assert Kernels().track_cycles(broken, "tr_add_s8__m4", _KEY[1]) == 0


def test_the_lists_are_those_of_the_project() -> None:
    assert tuple(row.name for row in rows()) == track_kernels.ROWS
    registry = tomllib.loads((_REPOSITORY / "kernels" / "registry.toml").read_text())
    kernels = tuple(e["name"] for e in registry["kernel"] if e["isa"] in ("ref", "m4", "m7"))
    assert Kernels.params[0] == kernels
    tracked = {
        (model, board, tool, lane)
        for params in (Firmware.params, Lanes.params)
        for model in params[0]
        for board in params[1]
        for tool in params[2]
        for lane in params[3]
    }
    boards = {board for _, board, *_ in tracked}
    for job in load_matrix("full"):
        tracked_lane = job.backend in ("embedded", "qemu") and job.board in boards
        if job.model in zoo_names() and not job.options and tracked_lane:
            assert (job.model, job.board, job.toolchain, job.backend) in tracked
    assert set(track_matrix.HEAVY) == set(zoo_names()) - set(zoo_names(heavy=False))


def test_every_value_is_pinned() -> None:
    for kind in (Firmware, Lanes, Kernels, track_kernels.Rows):
        for name in dir(kind):
            if name.startswith("track_"):
                assert getattr(kind, name).version == "1"


def _run_asv(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [_ASV, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def _git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    return subprocess.run(
        ["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@needs_asv
def test_asv_finds_every_benchmark() -> None:
    """In the environment at hand; what a commit's own would do takes minutes."""
    said = _run_asv(_REPOSITORY, "check", "-E", f"existing:{sys.executable}")
    assert not re.search(r"error|Traceback", said, re.IGNORECASE), said
    assert track_matrix.setup_cache.timeout > 60


@needs_asv
def test_history_compares_and_publishes_with_factor_one(tmp_path: Path) -> None:
    """A real run of the newest commit; the older commit's values are one count lower."""
    clone = tmp_path / "clone"
    _git(tmp_path, "clone", "-q", "--no-hardlinks", str(_REPOSITORY), str(clone))
    _git(clone, "checkout", "-q", "-B", "main")
    older = _git(clone, "rev-parse", "HEAD")
    shutil.copy(_REPOSITORY / "asv.conf.json", clone)
    for path in (_REPOSITORY / "suite" / "benchmarks").glob("t*_*.py"):
        shutil.copy(path, clone / "suite" / "benchmarks")
    _git(clone, "commit", "-q", "--allow-empty", "-a", "-m", "Newer")
    newer = _git(clone, "rev-parse", "HEAD")
    existing = ("-E", f"existing:{sys.executable}")
    _run_asv(clone, "machine", "--yes", "--machine", "m")
    bench = ("--bench", r"Rig\.time_boot\(", "-a", "repeat=1")
    _run_asv(clone, "run", *existing, "--set-commit-hash", newer, "--machine", "m", *bench)
    (kept,) = (clone / "results" / "asv" / "m").glob(f"{newer[:8]}-*.json")
    found = json.loads(kept.read_text())
    columns = found["result_columns"]
    name = "time_rig.Rig.time_boot"
    values = found["results"][name][columns.index("result")]
    assert len(values) == 3 and all(value > 0 for value in values)
    found["results"][name][columns.index("result")] = [0.999 * value for value in values]
    found["commit_hash"] = older
    kept.with_name(kept.name.replace(newer[:8], older[:8])).write_text(json.dumps(found))
    compare = ("compare", "--machine", "m", "--split", "--no-stats", older, newer)
    said = _run_asv(clone, *compare, "--factor", "1")
    assert said.count("time_rig.Rig.time_boot(") == 3
    assert "Benchmarks that have got worse" in said
    assert "got worse" not in _run_asv(clone, *compare)
    _run_asv(clone, "publish")
    site = clone / ".asv" / "html"
    assert (site / "index.html").is_file()
    assert name in (site / "index.json").read_text()


@needs_asv
def test_the_kept_milestones_are_published(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    _git(tmp_path, "clone", "-q", "--no-hardlinks", str(_REPOSITORY), str(clone))
    _git(clone, "checkout", "-q", "-B", "main")
    said = _run_asv(clone, "publish")
    assert "Couldn't find" not in said, "each is an ancestor of main"
    (drawn,) = (clone / ".asv" / "html" / "graphs").rglob(
        "branch-main/**/track_matrix.Firmware.track_instructions.json"
    )
    columns = list(zip(*(values for _, values in json.loads(drawn.read_text())), strict=True))
    assert sum(len([one for one in column if one is not None]) >= 15 for column in columns) >= 6
