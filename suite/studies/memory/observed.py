"""What watching a job's arena found, kept beside its results."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import parse_options
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend, backends_that
from tinyrig.suite.bench.folder import Result
from tinyrig.suite.files.atomic import write_atomic
from tinyrig.suite.models.case import resolve
from tinyrig.suite.records.document import Value, load_document
from tinyrig.suite.rig.run import RunOptions, firmware_of
from tinyrig.suite.rig.verdict import sample_bytes
from tinyrig.suite.studies.memory.compare import Comparison, compare
from tinyrig.suite.studies.memory.observe import observe
from tinyrig.suite.toolchain.toolchain import load_toolchain

SCHEMA = 1
OBSERVED = "observed.json"
Count = Annotated[int, Field(ge=0)]


class ObservedFinding(Value):
    """A disagreement; `fault` and `text` are those of `memory.compare.Finding`."""

    fault: str
    text: str


class ObservedBuild(Value):
    """One watched build: bytes of its arena, bytes touched, bytes in no buffer."""

    build: str
    size: Count
    touched: Count
    holes: Count
    findings: tuple[ObservedFinding, ...]


class Observed(Value):
    """Every watched build of the job whose clean ELF is `clean_sha256`."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    clean_sha256: str
    builds: tuple[ObservedBuild, ...]


def load_observed(result: Result) -> Observed | None:
    """Return what was found for a job's present ELF; None when it was not watched.

    InputError when the file cannot be used.
    """
    path = result.path / OBSERVED
    if not path.is_file():
        return None
    found = load_document(path, "observation", SCHEMA, Observed)
    return found if found.clean_sha256 == result.record.elf_sha256 else None


def observe_job(result: Result) -> Observed:
    """Watch a job's firmware in the emulator and keep what was found beside its record.

    InputError when this tinyrig makes another ELF of the job than the results hold.
    """
    job = result.evidence.job
    case = resolve(job.model, dict(job.dims))
    board = load_board(job.board)
    toolchain = load_toolchain(job.toolchain, board.compiler)
    firmware = firmware_of(case, board, toolchain, RunOptions(parse_options(job.options, ())))
    clean = firmware.clean.sha256
    if clean != result.record.elf_sha256:
        raise InputError(
            "These results are of another source than this tinyrig's: run `tinyrig bench` again."
        )
    plan = firmware.plan
    sample = sample_bytes(plan.graph, case.samples(1)[0])
    machine = backend(backends_that(lambda found: found.watch)[0])
    seen = observe(plan, machine, toolchain, sample)
    found = Observed(clean_sha256=clean, builds=tuple(_build(compare(plan, one)) for one in seen))
    write_atomic(result.path / OBSERVED, (found.model_dump_json(by_alias=True) + "\n").encode())
    return found


def _build(one: Comparison) -> ObservedBuild:
    return ObservedBuild(
        build=one.build,
        size=one.arena.size,
        touched=one.touched,
        holes=one.holes,
        findings=tuple(ObservedFinding(fault=f.fault, text=f.text) for f in one.findings),
    )
