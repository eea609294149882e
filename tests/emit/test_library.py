"""A model as a library: two in one image, by both compilers, and as an application uses it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cli.command import check_refusal, tinyrig
from cli.onnx_files import Shape, quantized, write
from emit.made_models import BOARD, NEEDS_GCC, Made, boot, made

from tinyrig.generator.emit.forms.kernel_files import kernel_files
from tinyrig.generator.emit.forms.library import Library, LibraryForm
from tinyrig.generator.emit.forms.naming import c_prefix, io_words
from tinyrig.generator.emit.forms.one_file import one_file
from tinyrig.generator.emit.forms.trial import trial_project
from tinyrig.generator.emit.model_source import render
from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.kernels import all_kernels
from tinyrig.suite.reference.boundary import dequantize_output, quantize_input
from tinyrig.suite.reference.executor import run_reference
from tinyrig.suite.toolchain.builder import build
from tinyrig.suite.toolchain.toolchain import Toolchain, load_toolchain, zig_binary

FORMS: tuple[LibraryForm, ...] = ("library", "single")
STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Werror")


@pytest.fixture(params=["zig", "gcc"], scope="module")
def tools(request: pytest.FixtureRequest) -> Toolchain:
    if request.param == "gcc" and NEEDS_GCC:
        pytest.skip("needs arm-none-eabi-gcc: sudo apt-get install gcc-arm-none-eabi")
    return load_toolchain(request.param, load_board(BOARD).compiler)


@pytest.fixture(scope="module")
def models(tools: Toolchain) -> tuple[Made, Made]:
    return made("attention", tools), made("convolutional", tools)


@pytest.mark.parametrize("form", FORMS)
def test_two_models_in_one_image(
    models: tuple[Made, Made], tools: Toolchain, form: LibraryForm
) -> None:
    libraries = [one.library(form, name) for one, name in zip(models, ("one", "two"), strict=True)]
    project = trial_project(libraries, b"".join(one.sample for one in models))
    result = boot(build(project, load_board(BOARD), tools, checked=False))
    assert result.transcript.ok
    assert result.transcript.outputs == {
        f"{name}.{key}": answer
        for one, name in zip(models, ("one", "two"), strict=True)
        for key, answer in one.expected.items()
    }


@pytest.mark.parametrize("form", FORMS)
def test_it_costs_what_the_run_says(tools: Toolchain, form: LibraryForm) -> None:
    """Constants and arena are equal; the arena's three checks are a dozen instructions."""
    one = made("convolutional", tools, wide=False)
    project = trial_project([one.library(form, "one")], one.sample)
    image = build(project, load_board(BOARD), tools, checked=False)
    result, own = boot(image), boot(one.own)
    assert result.transcript.outputs == one.expected
    assert (image.sizes.weights, image.sizes.tables, image.sizes.copied) == (
        one.own.sizes.weights,
        one.own.sizes.tables,
        one.own.sizes.copied,
    )
    assert image.sizes.arena == one.own.sizes.arena
    assert abs(image.sizes.code - one.own.sizes.code) <= 96
    assert result.instructions is not None
    assert own.instructions is not None
    assert abs(result.instructions - own.instructions) <= 24
    assert abs(result.stack_high_water - own.stack_high_water) <= 32


def written(library: Library, folder: Path) -> Path:
    for path, text in library.files.items():
        target = folder / library.prefix / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return folder / library.prefix


def compiled(command: tuple[str, ...], folder: Path, unit: str, output: Path) -> None:
    done = subprocess.run(
        [*command, *STRICT, "-O3", "-c", unit, "-o", str(output)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", FORMS)
def test_no_warning_and_no_foreign_symbol(
    models: tuple[Made, Made], tools: Toolchain, form: LibraryForm, tmp_path: Path
) -> None:
    """Of all that is linked, each global name begins with the model's own."""
    library = models[1].library(form, "thing")
    folder = written(library, tmp_path)
    command = (*tools.compile_command, *tools.board_flags(load_board(BOARD)), "-std=c11")
    if tools.name == "zig":
        command = (*command, "-fhosted", "-fno-sanitize=undefined")
    libc = Path(__file__).parents[2] / "platforms" / "libc"
    command = (*command, f"-I{library.include_dir}", f"-I{libc}")
    for index, unit in enumerate(library.units):
        compiled(command, folder, unit, tmp_path / f"{index}.o")
    names = defined_names(tmp_path)
    assert "thing_infer" in names
    assert {name for name in names if not name.startswith("thing_")} == set()
    assert {name for name, kind in names.items() if kind in "bBdDC"} == set(), "mutable state"


def defined_names(folder: Path) -> dict[str, str]:
    from elftools.elf.elffile import ELFFile

    kinds: dict[str, str] = {}
    for path in folder.glob("*.o"):
        with path.open("rb") as file:
            elf = ELFFile(file)
            for symbol in elf.get_section_by_name(".symtab").iter_symbols():
                place = symbol["st_shndx"]
                if isinstance(place, int) and symbol["st_info"]["bind"] == "STB_GLOBAL":
                    section = elf.get_section(place)
                    kinds[symbol.name] = "d" if section["sh_flags"] & 1 else "r"
    return kinds


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("compiler", ["zig", "g++"])
def test_the_header_is_cpp17(form: LibraryForm, compiler: str, tmp_path: Path) -> None:
    if compiler == "g++" and shutil.which("g++") is None:
        pytest.skip("needs: sudo apt-get install g++")
    command = (str(zig_binary()), "c++") if compiler == "zig" else ("g++",)
    library = made("attention", load_toolchain("zig")).library(form, "thing")
    folder = written(library, tmp_path)
    (folder / "use.cpp").write_text(
        '#include "thing.h"\nint main() { return static_cast<int>(thing_infer(nullptr, 0)); }\n'
    )
    where = f"-I{library.include_dir}"
    compiled((*command, "-std=c++17", where), folder, "use.cpp", tmp_path / "use.o")


APPLICATION = """
#include <stdio.h>
#include <string.h>
#include "thing.h"

static _Alignas(THING_ARENA_ALIGNMENT) unsigned char arena[THING_ARENA_SIZE + 16];

int main(void) {
  float in[THING_INPUT_T0_SIZE], out[THING_OUTPUT_OUT_SIZE];
  memset(arena, 0xA5, sizeof arena);
  printf("%d %d %d\\n", thing_infer(0, THING_ARENA_SIZE), thing_infer(arena, THING_ARENA_SIZE - 1),
         thing_infer(arena + 1, THING_ARENA_SIZE));
  printf("%d %d\\n", thing_arena_size() == THING_ARENA_SIZE, thing_arena_alignment() == 16);
  printf("%d %d\\n", thing_input_t0(0) == 0, thing_output_out(0) == 0);
  if (fread(in, sizeof in, 1, stdin) != 1) return 9;
  thing_write_t0(arena, in);
  for (unsigned i = 0; i < THING_INPUT_T0_SIZE; i++) printf("%d ", thing_input_t0(arena)[i]);
  printf("\\n%d\\n", thing_infer(arena, THING_ARENA_SIZE));
  thing_read_out(arena, out);
  for (unsigned i = 0; i < THING_OUTPUT_OUT_SIZE; i++) printf("%d ", thing_output_out(arena)[i]);
  printf("\\n");
  for (unsigned i = 0; i < THING_OUTPUT_OUT_SIZE; i++) printf("%.9g ", (double)out[i]);
  printf("\\n");
  for (unsigned i = THING_ARENA_SIZE; i < sizeof arena; i++)
    if (arena[i] != 0xA5) return 8;
  return 0;
}
"""


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs: sudo apt-get install gcc")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ref_only", [False, True])
def test_an_application_on_this_machine(form: LibraryForm, ref_only: bool, tmp_path: Path) -> None:
    """Codes and reals as the reference has them, ties and infinities too; errors for bad arenas."""
    one = made("attention", load_toolchain("zig"), ref_only=ref_only)
    graph, library = one.plan.graph, one.library(form, "thing")
    folder = written(library, tmp_path)
    (output,) = graph.outputs
    application = APPLICATION.replace("OUT_SIZE", f"{output.upper()}_SIZE").replace(
        "_out(", f"_{output}("
    )
    (folder / "app.c").write_text(application)
    program = tmp_path / "app"
    command = ("gcc", *STRICT, "-std=c11", "-O2", "-fsanitize=address,undefined")
    done = subprocess.run(
        [*command, f"-I{library.include_dir}", "app.c", *library.units, "-o", str(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    affine = graph.tensors[graph.inputs[0]].affine
    size = graph.tensors[graph.inputs[0]].elements
    steps = np.linspace(-120.5, 30.5, size - 3, dtype=np.float32)
    values = np.concatenate([steps, np.float32([2.5, 3.5, -0.5])]) * np.float32(affine.scale)
    values[:2] = [np.inf, -np.inf]
    values = values.astype(np.float32)
    ran = subprocess.run([str(program)], input=values.tobytes(), capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    bad, sizes, null, codes, status, answer, reals = ran.stdout.decode().splitlines()
    assert (bad, sizes, null, status) == ("1 2 3", "1 1", "1 1", "0")
    expected = quantize_input(values, affine)
    assert np.array_equal(np.array(codes.split(), np.int32), expected)
    shape = graph.tensors[graph.inputs[0]].shape
    wanted = run_reference(graph, {graph.inputs[0]: expected.reshape(shape)})[output].ravel()
    assert np.array_equal(np.array(answer.split(), np.int32), wanted)
    wanted_reals = dequantize_output(wanted, graph.tensors[output].affine)
    assert np.array_equal(np.array(reals.split(), np.float32), wanted_reals)


@pytest.mark.parametrize("isa", ["m4", "m7"])
def test_every_kernel_goes_into_one_file(isa: str, tools: Toolchain, tmp_path: Path) -> None:
    """However kernels name their own functions, types and macros."""
    kernels = sorted(
        (one for one in all_kernels() if one.isa in (isa, "ref")), key=lambda one: one.name
    )
    declared = render("kernel_declarations.j2", model={"kernels": kernels})
    text = one_file(kernel_files(kernels), declared)
    board = load_board(BOARD)
    (tmp_path / "all.c").write_text(f"#define TR_KERNEL __attribute__((noinline))\n{text}")
    command = (
        *tools.compile_command,
        *tools.board_flags(board),
        "-std=c11",
        "-Wno-unused-function",
    )
    if tools.name == "zig":
        command = (*command, "-fhosted")
    libc = Path(__file__).parents[2] / "platforms" / "libc"
    command = ("gcc", *STRICT, "-std=c11", "-O2", "-fsanitize=address,undefined")
    done = subprocess.run(
        [*command, f"-I{libc}", *STRICT, "-Wno-unused-function", "-fsyntax-only", "all.c"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:4000]


@pytest.fixture
def library_folder(tmp_path: Path) -> Path:
    model = write(tmp_path / "key-words.onnx", quantized(Shape()))
    said = tinyrig("generate", model, "--form", "library", "-o", tmp_path / "kws")
    assert said.code == 0, said.err
    assert re.match(r"proven: 6 bytes equal on embedded", said.out)
    return tmp_path / "kws"


def test_cmake_takes_it_as_a_folder(library_folder: Path, tmp_path: Path) -> None:
    """Two models in one host program, linked by the targets they bring."""
    other = write(tmp_path / "other.onnx", quantized(Shape(width=3)))
    assert tinyrig("generate", other, "--form", "library", "-o", tmp_path / "two").code == 0
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(app C)\n"
        "add_subdirectory(kws)\nadd_subdirectory(two)\n"
        "add_executable(app app.c)\ntarget_link_libraries(app key_words other)\n"
    )
    (tmp_path / "app.c").write_text(
        '#include "key_words.h"\n#include "other.h"\n'
        "int main(void) { return key_words_infer(0, 0) == KEY_WORDS_NO_ARENA\n"
        "    && other_infer(0, 0) == OTHER_NO_ARENA ? 0 : 1; }\n"
    )
    tools = Path(sys.executable).parent
    cmake = shutil.which("cmake", path=f"{tools}:/usr/bin") or "cmake"
    build_folder = tmp_path / "build"
    for command in (
        [cmake, "-S", str(tmp_path), "-B", str(build_folder), "-DCMAKE_BUILD_TYPE=Release"],
        [cmake, "--build", str(build_folder)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert subprocess.run([str(build_folder / "app")], check=False).returncode == 0


def test_manifests_name_what_is_there(library_folder: Path) -> None:
    manifest = json.loads((library_folder / "library.json").read_text())
    assert (library_folder / manifest["build"]["srcDir"] / manifest["headers"]).is_file()
    properties = (library_folder / "library.properties").read_text()
    fields = dict(line.split("=", 1) for line in properties.splitlines())
    assert fields["name"] == manifest["name"] == "key_words"
    assert (library_folder / "src" / fields["includes"]).is_file()
    module = (library_folder / "zephyr" / "module.yml").read_text()
    assert "name: key_words" in module
    listed = re.findall(
        r"\.\./(src/\S+\.c)", (library_folder / "zephyr/CMakeLists.txt").read_text()
    )
    assert {library_folder / unit for unit in listed} == set(library_folder.rglob("*.c"))
    assert "config KEY_WORDS_MODEL" in (library_folder / "zephyr/Kconfig").read_text()
    assert "CONFIG_KEY_WORDS_MODEL" in (library_folder / "zephyr/CMakeLists.txt").read_text()


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs: sudo apt-get install gcc")
@pytest.mark.parametrize("form", FORMS)
def test_the_call_in_the_readme_compiles(form: LibraryForm, tmp_path: Path) -> None:
    library = made("attention", load_toolchain("zig")).library(form, "thing")
    folder = written(library, tmp_path)
    (code,) = re.findall(r"```c\n(.*?)```", library.files["README.md"], re.DOTALL)
    (folder / "readme.c").write_text(code)
    where = f"-I{library.include_dir}"
    compiled(("gcc", "-std=c11", where), folder, "readme.c", tmp_path / "readme.o")


def test_single_is_two_files(tmp_path: Path) -> None:
    model = write(tmp_path / "m.onnx", quantized())
    folder = tmp_path / "out"
    said = tinyrig("generate", model, "--form", "single", "--name", "Kws", "-o", folder)
    assert said.code == 0, said.err
    assert {path.name for path in folder.iterdir()} == {
        "Kws.c",
        "Kws.h",
        "README.md",
        "tinyrig.json",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--form", "archive"), ("archive", "project, library, single")),
        (("--form", "library", "--name", "string"), ("string",)),
        (("--form", "library", "--name", "1st"), ("1st",)),
        (("--name", "kws"), ("--form library",)),
        (("--form", "library", "--board", "gap9"), ("gap9", "cluster")),
    ],
)
def test_refusals(arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path) -> None:
    model = write(tmp_path / "m.onnx", quantized())
    said = tinyrig("generate", model, "-o", tmp_path / "out", *arguments)
    check_refusal(said, 2, *words)
    assert not (tmp_path / "out").exists()


def test_names() -> None:
    assert c_prefix("vit-240.v2") == "vit_240_v2"
    assert c_prefix("2fast") == "model_2fast"
    assert c_prefix("string") == "model_string"
    assert c_prefix("---") == "model"
    with pytest.raises(InputError):
        c_prefix("good", "a__b")
    assert io_words(["image", "serving_default_x:0"]) == ["image", "serving_default_x_0"]
    assert io_words(["a.b", "a_b"]) == ["0", "1"]
