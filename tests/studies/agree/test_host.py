"""The host program: its sanitizers catch what an emulator may let pass."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tinyrig.generator.errors import BrokenRunError, BuildError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.host import HostProgram, host_program
from tinyrig.suite.models.case import resolve
from tinyrig.suite.rig.firmware import plan_project
from tinyrig.suite.rig.verdict import sample_bytes

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="sudo apt-get install gcc")


def program(folder: Path, old: str = "", new: str = "") -> tuple[HostProgram, bytes]:
    case = resolve("tinyvit-digits", {})
    sample = sample_bytes(case.graph, case.samples(1)[0])
    plan, project = plan_project(case.graph, load_board("stm32f427"), sample, ref_only=True)
    if old:
        text = project.files["model/model_clean.c"]
        assert old in text
        files = {**project.files, "model/model_clean.c": text.replace(old, new, 1)}
        project = replace(project, files=files)
    return host_program(project, plan.graph, folder), sample


def test_it_answers_and_refuses_a_short_sample(tmp_path: Path) -> None:
    model, sample = program(tmp_path)
    assert sum(map(len, model.run(sample).values())) == sum(model.sizes.values())
    with pytest.raises(BrokenRunError, match="code 2"):
        model.run(sample[:-1])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("arena[tr_model_info.arena_size] = 1;", "AddressSanitizer: global-buffer-overflow"),
        ("volatile int big = 0x7FFFFFFF; big = big + 1;", "signed integer overflow"),
    ],
)
def test_sanitizers_speak_up(tmp_path: Path, body: str, message: str) -> None:
    opening = "void tr_infer(uint8_t *arena) {"
    model, sample = program(tmp_path, opening, opening + body)
    with pytest.raises(BrokenRunError, match=message):
        model.run(sample)


def test_code_that_does_not_compile_tells_why(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="nonsense"):
        program(tmp_path, "void tr_infer(", "nonsense tr_infer(")
