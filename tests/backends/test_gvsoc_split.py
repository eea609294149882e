"""Where GVSoC's cluster spends a step's cycles: what a body is made of is the part it should be."""

import pytest
from firmware_projects import fake_project

from tinyrig.generator.errors import MissingToolError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends import backend
from tinyrig.suite.backends.registry import capabilities
from tinyrig.suite.cli.app import execute
from tinyrig.suite.records.cycle_split import PARTS, CycleSplit, Part
from tinyrig.suite.toolchain import build, load_toolchain

GAP9 = load_board("gap9")


@pytest.fixture(autouse=True)
def _needs_gvsoc() -> None:
    try:
        backend("gvsoc")
        capabilities("gvsoc").ready(GAP9)
    except MissingToolError as error:
        pytest.skip(str(error))


def marked(body: str) -> str:
    """A body as the first step of the checked build, and the answer that no core changes."""
    begin, end = (f"\n#ifdef TR_CHECKED\ntr_step_{e}(0U);\n#endif\n" for e in ("begin", "end"))
    return f"{begin}{body}{end}for (int i = 16; i < 24; i++) arena[i] = 0;\n"


def split_of(body: str) -> tuple[int, CycleSplit]:
    """Cycles of a marked body, and where they went."""
    before = '#include "tinyrig/cluster.h"\n#include "tr_prefetch.h"'
    project = fake_project(GAP9, marked(body), before=before)
    image = build(project, GAP9, load_toolchain("zig"), checked=True)
    cycles = backend("gvsoc").run(image, GAP9).cycles
    assert cycles is not None
    return cycles.by_step[0], cycles.splits[0]


def spin(turns: int, *code: str) -> str:
    """A loop of two instructions and what else is in it."""
    lines = "".join(f"{line}\\n" for line in code)
    loop = f"li t0, {turns}\\n1: addi t0, t0, -1\\n{lines}bnez t0, 1b"
    return f'__asm__ volatile("{loop}" ::: "t0", "t1");'


COPY = """\
static uint8_t source[8192];
static uint8_t target[8192] __attribute__((section(".tr_resident"), aligned(8)));
tr_prefetch_start(target, source, 8192U);
tr_prefetch_wait();
"""
ALONE = f"if (tr_cluster_core() == 7U) {{ {spin(2000)} }} tr_cluster_barrier();"


@pytest.mark.parametrize(
    ("body", "part", "cycles"),
    [
        (spin(1000, "nop"), "compute", 8 * 3 * 1000),
        (spin(1000), "branches", 8 * 2 * 999),
        (spin(1000, "lw t1, 0(sp)", "addi t1, t1, 1"), "hazards", 8 * 1000),
        (spin(1000, "mulh t1, t0, t0"), "hazards", 8 * 4 * 1000),
        (spin(1000, "divu t1, t0, t0"), "latency", None),
        (
            'for (int i = 0; i < 20; i++) __asm__ volatile(".rept 2000\\nnop\\n.endr");',
            "icache",
            None,
        ),
        (COPY, "dma", None),
        (ALONE, "barrier", 7 * 4 * 2000),
    ],
)
def test_cycles_are_split_by_cause(body: str, part: Part, cycles: int | None) -> None:
    """What the body is made of is the part it should be, exactly where a count says how much."""
    (none, start), (total, split) = split_of(""), split_of(body)
    grown = {name: split.part(name) - start.part(name) for name in PARTS}
    assert sum(split.part(name) for name in PARTS) == 8 * total
    others = [name for name in PARTS if name not in ("compute", "branches")]
    if part in others:
        assert part == max(others, key=lambda name: grown[name])
    if cycles is not None:
        assert grown[part] == pytest.approx(cycles, rel=0.01)
    assert abs(split.other) <= 8 * 16
    assert split_of(body) == (total, split)
    assert none < 400


def test_profile_shows_a_model_s_layers(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["profile", "trformer-mhsa", "--board", "gap9", "--cores", "2"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "2 cores, checked build" in said
    for words in ("all layers", "block.q.Gemm", "icache: misses of the instruction cache"):
        assert words in said
