"""A library whose input is streamed: the reader is in its header, and one call in its README."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from chain.streamed_inputs import ON, asked, patches
from emit.made_models import BOARD, boot
from emit.test_library import STRICT, compiled, written

from tinyrig.generator.emit.forms.library import Library, LibraryForm, emit_library
from tinyrig.generator.emit.forms.trial import trial_project
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.cheapest import cheapest_plan
from tinyrig.generator.planning.plan import Plan
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import load_toolchain

NEEDS_GCC = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="needs: sudo apt-get install gcc"
)

APPLICATION = """
#include <stdio.h>
#include <string.h>
#include "thing.h"

static _Alignas(THING_ARENA_ALIGNMENT) unsigned char arena[THING_ARENA_SIZE];
static int8_t image[THING_INPUT_IMAGE_SIZE];

static void read_image(void *context, size_t offset, size_t bytes, int8_t *to) {
  if (bytes > THING_INPUT_IMAGE_READ || offset + bytes > sizeof image) *(int *)context = 7;
  printf("%zu %zu\\n", offset, bytes);
  memcpy(to, image + offset, bytes);
}

int main(void) {
  int wrong = 0;
  const thing_source source = {read_image, &wrong}, none = {0, &wrong};
  if (fread(thing_input_FIRST(arena), THING_INPUT_FIRST_SIZE, 1, stdin) != 1) return 9;
  if (fread(image, sizeof image, 1, stdin) != 1) return 9;
  if (fread(thing_input_LAST(arena), THING_INPUT_LAST_SIZE, 1, stdin) != 1) return 9;
  if (thing_infer(arena, sizeof arena, 0) != THING_NO_SOURCE) return 8;
  if (thing_infer(arena, sizeof arena, &none) != THING_NO_SOURCE) return 8;
  if (thing_infer(arena, sizeof arena, &source) != THING_OK) return 8;
  OUTPUTS
  return wrong;
}
"""


def made(form: LibraryForm) -> tuple[Plan, Library]:
    plan = cheapest_plan(patches(), load_board(BOARD), options=ON, ref_only=True)
    return plan, emit_library(plan, form, "thing")


def drawn(plan: Plan) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    shapes = {name: plan.graph.tensors[name].shape for name in plan.graph.inputs}
    return {name: rng.integers(-128, 128, s).astype(np.int8) for name, s in shapes.items()}


@NEEDS_GCC
def test_an_application_reads_its_image_for_it(tmp_path: Path) -> None:
    """The reader is asked as the plan says, for the middle input alone; no source is an error."""
    plan, library = made("single")
    first, image, last = plan.graph.inputs
    shown = "\n".join(
        f"for (unsigned i = 0; i < THING_OUTPUT_{name.upper()}_SIZE; i++) "
        f'printf("%d ", thing_output_{name}(arena)[i]);'
        for name in plan.graph.outputs
    )
    text = APPLICATION.replace("OUTPUTS", shown).replace("INPUT_IMAGE", f"INPUT_{image.upper()}")
    for word, name in (("FIRST", first), ("LAST", last)):
        text = text.replace(f"input_{word}", f"input_{name}")
        text = text.replace(f"INPUT_{word}", f"INPUT_{name.upper()}")
    folder = written(library, tmp_path)
    (folder / "app.c").write_text(text)
    command = ("gcc", *STRICT, "-std=c11", "-O1", "-fsanitize=address,undefined")
    done = subprocess.run(
        [*command, f"-I{library.include_dir}", "app.c", *library.units, "-o", "app"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    codes = drawn(plan)
    sample = b"".join(codes[name].tobytes() for name in plan.graph.inputs)
    ran = subprocess.run([str(folder / "app")], input=sample, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    *calls, answer = ran.stdout.decode().splitlines()
    assert calls == [f"{at} {size}" for _, at, size in asked(plan)]
    expected = run_reference(plan.graph, codes)
    wanted = np.concatenate([expected[name].ravel() for name in plan.graph.outputs])
    assert np.array_equal(np.array(answer.split(), np.int32), wanted)


def test_it_boots_beside_another_model(tmp_path: Path) -> None:
    """Samples of all inputs lie back to back, whichever of them are streamed."""
    plan, one = made("library")
    two = emit_library(plan, "single", "other")
    codes = drawn(plan)
    sample = b"".join(codes[name].tobytes() for name in plan.graph.inputs)
    project = trial_project([one, two], 2 * sample)
    result = boot(build(project, load_board(BOARD), load_toolchain("zig"), checked=False))
    expected = run_reference(plan.graph, codes)
    assert result.transcript.ok
    assert result.transcript.outputs == {
        f"{name}.{key}": expected[key].tobytes()
        for name in ("thing", "other")
        for key in plan.graph.outputs
    }


@NEEDS_GCC
def test_header_and_readme_show_the_reader(tmp_path: Path) -> None:
    plan, library = made("library")
    _, image, last = plan.graph.inputs
    header = library.files["src/thing.h"]
    assert f"thing_infer(void *arena, size_t size, const thing_source *{image});" in header
    assert f"*thing_input_{last}(void *arena)" in header
    assert f"thing_input_{image}(" not in header
    assert f"thing_write_{image}(" not in header
    assert f"thing_quantize_{image}(float real)" in header
    most = max(size for _, _, size in asked(plan))
    assert f"THING_INPUT_{image.upper()}_READ {most}U" in header
    folder = written(library, tmp_path)
    (code,) = re.findall(r"```c\n(.*?)```", library.files["README.md"], re.DOTALL)
    (folder / "readme.c").write_text(code)
    where = f"-I{library.include_dir}"
    compiled(("gcc", "-std=c11", where), folder, "readme.c", tmp_path / "readme.o")
