"""`tinyrig capsule` and `tinyrig replay`: a layer alone, and the element that is wrong."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from cli.command import Said, check_refusal, tinyrig
from cli.onnx_files import quantized, write

from tinyrig.generator import assets
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.measure import measure_job
from tinyrig.suite.records.record import load_record
from tinyrig.suite.studies.capsule.capsule import load_capsule

MODEL, BOARD = "ecgformer", "stm32f427"
LAYER, KERNEL = "encoder.norm1.LayerNormalization", "tr_layernorm_s8__m4"
ROOT = Path(__file__).parents[3]

# The kernel as it is, and behind it one wrong bit in the last row it writes.
_WRONG_BIT = """
#undef {kernel}
void {kernel}(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y, void *scratch);
void {kernel}(const tr_layernorm_s8_params *p, const int8_t *x, int8_t *y, void *scratch) {{
  sound(p, x, y, scratch);
  y[(p->rows - 1) * p->y_row + 3 * p->y_col] ^= 64;
}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record of a run, and a capsule of one of its layers."""
    made = tmp_path_factory.mktemp("capsules")
    said = tinyrig("run", MODEL, "--board", BOARD, "--json", made / "record.json")
    assert said.code == 0, said.err
    said = tinyrig("capsule", made / "record.json", "--layer", LAYER, "-o", made / "capsule")
    assert said.code == 0, said.err
    return made


@pytest.fixture
def broken_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels and boards of which one kernel is wrong."""
    for name in ("kernels", "platforms"):
        shutil.copytree(ROOT / name, tmp_path / "assets" / name)
    source = tmp_path / "assets" / "kernels" / "src" / "m4" / f"{KERNEL}.c"
    text = source.read_text(encoding="utf-8")
    source.write_text(f"#define {KERNEL} sound\n{text}" + _WRONG_BIT.format(kernel=KERNEL))
    monkeypatch.setattr(assets, "_ROOT", tmp_path / "assets")


def test_a_layer_replays_alone(folder: Path) -> None:
    for how in ((), ("--as-built",)):
        said = tinyrig("replay", folder / "capsule", *how)
        assert said.code == 0, said.err
        assert f"{LAYER} (tr_layernorm_s8__m4), of {MODEL}, sample 0" in said.out
        assert "all 1,056 elements are equal" in said.out


@pytest.mark.usefixtures("broken_kernel")
def test_one_wrong_bit_in_a_kernel_is_named(tmp_path: Path, folder: Path) -> None:
    record, capsule = tmp_path / "record.json", tmp_path / "c"
    block = ("encoder", "--S", 16, "--E", 16, "--P", 8, "--H", 2)
    assert tinyrig("run", *block, "--board", BOARD, "--json", record).code == 1
    wrong = next(n for n, layer in enumerate(load_record(record).layers) if layer.kernel == KERNEL)
    assert tinyrig("capsule", record, "--layer", wrong, "-o", capsule).code == 0
    for how in ((), ("--as-built",)):
        check_wrong_bit(tinyrig("replay", capsule, *how), 256, (15, 3))
    # The capsule of a sound run is built with the kernels of now, unless as it was.
    check_wrong_bit(tinyrig("replay", folder / "capsule"), 1056, (65, 3))
    assert tinyrig("replay", folder / "capsule", "--as-built").code == 0


def check_wrong_bit(said: Said, elements: int, place: tuple[int, int]) -> None:
    assert said.code == 1, said.err
    found = re.search(
        rf"1 of {elements:,} elements differ, first \[([\d, ]+)\]: got (-?\d+), expected (-?\d+)",
        said.out,
    )
    assert found, said.out
    assert tuple(map(int, found[1].split(", ")))[-2:] == place
    assert int(found[2]) == int(found[3]) ^ 64


def test_a_capsule_replays_on_another_board_with_its_own_kernels(folder: Path) -> None:
    said = tinyrig("replay", folder / "capsule", "--board", "stm32h743")
    assert said.code == 0
    assert "stm32h743" in said.out
    said = tinyrig("replay", folder / "capsule", "--board", "stm32h743", "--as-built")
    check_refusal(said, 2, BOARD, "--as-built")


@pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None, reason="needs: apt install qemu-system-arm"
)
def test_a_capsule_replays_on_another_lane(folder: Path) -> None:
    said = tinyrig("replay", folder / "capsule", "--backend", "qemu", "--board", "mps2_an386")
    assert said.code == 0, said.err
    assert "qemu" in said.out


@pytest.mark.skipif(
    shutil.which("qemu-system-arm") is None, reason="needs: apt install qemu-system-arm"
)
def test_a_capsule_replays_on_the_lane_of_its_run(tmp_path: Path) -> None:
    lane = ("--board", "mps2_an386", "--backend", "qemu")
    said = tinyrig("run", "trformer-mhsa", *lane, "--json", tmp_path / "record.json")
    assert said.code == 0, said.err
    said = tinyrig("capsule", tmp_path / "record.json", "--layer", 0, "-o", tmp_path / "c")
    assert said.code == 0, said.err
    assert "mps2_an386, qemu " in tinyrig("replay", tmp_path / "c").out


def test_another_sample_gives_other_inputs_of_the_same_firmware(
    folder: Path, tmp_path: Path
) -> None:
    record = folder / "record.json"
    said = tinyrig("capsule", record, "--layer", LAYER, "--sample", 2, "-o", tmp_path / "c")
    assert said.code == 0, said.err
    one, two = load_capsule(folder / "capsule"), load_capsule(tmp_path / "c")
    (name,) = one.graph.inputs
    assert not np.array_equal(one.inputs[name], two.inputs[name])
    assert tinyrig("replay", tmp_path / "c").code == 0


def test_a_layer_is_found_by_its_index_and_told_with_its_stream(
    folder: Path, tmp_path: Path
) -> None:
    layers = [layer.name for layer in load_record(folder / "record.json").layers]
    index = layers.index("encoder.ff.up.Gemm")
    for how in ((), ("--stream",)):
        said = tinyrig(
            "capsule", folder / "record.json", "--layer", index, "-o", tmp_path / "c", *how
        )
        assert said.code == 0, said.err
        document = load_capsule(tmp_path / "c").document
        assert (document.layer.index, document.layer.name) == (index, layers[index])
        assert ("encoder.ff.down.Gemm" in document.covers) == bool(how)
        assert "`encoder.ff.up.Gemm`" in (tmp_path / "c" / "README.md").read_text()


def test_the_folder_of_a_result_is_a_record_too(tmp_path: Path) -> None:
    job = Job(model="mhsa", board=BOARD, dims={"S": 6, "E": 8, "P": 4, "H": 2})
    result = measure_job(job).save(tmp_path)
    for record in (result.path, result.path / "record.json"):
        said = tinyrig("capsule", record, "--layer", 0, "-o", tmp_path / "c")
        assert said.code == 0, said.err
    assert tinyrig("replay", tmp_path / "c").code == 0


def test_the_c_project_is_in_it(folder: Path) -> None:
    project = folder / "capsule" / "project"
    assert (project / "CMakeLists.txt").is_file()
    assert (project / "kernels" / "src" / "m4" / f"{KERNEL}.c").is_file()


def test_a_model_from_a_file_is_named_again_and_must_be_the_same(tmp_path: Path) -> None:
    model = write(tmp_path / "own.onnx", quantized())
    record = tmp_path / "record.json"
    assert tinyrig("run", model, "--board", BOARD, "--json", record).code == 0
    arguments = ("capsule", record, "--layer", 0, "-o", tmp_path / "c")
    check_refusal(tinyrig(*arguments), 2, "own")
    check_refusal(tinyrig(*arguments, "--model", "ecgformer"), 2, "another model", "--model")
    assert not (tmp_path / "c").exists()
    assert tinyrig(*arguments, "--model", model).code == 0
    assert tinyrig("replay", tmp_path / "c").code == 0


def test_a_layer_that_is_not_there_is_refused(folder: Path, tmp_path: Path) -> None:
    for layer in ("nothing", "99"):
        said = tinyrig("capsule", folder / "record.json", "--layer", layer, "-o", tmp_path / "c")
        check_refusal(said, 2, layer, "0 to", LAYER)


@pytest.mark.parametrize(
    "change",
    [lambda layers: layers.pop(), lambda layers: layers[0].update(kernel="tr_conv2d_s8__ref")],
    ids=["layer", "kernel"],
)
def test_a_record_of_another_plan_is_refused(folder: Path, tmp_path: Path, change) -> None:
    raw = json.loads((folder / "record.json").read_text())
    change(raw["layers"])
    (tmp_path / "record.json").write_text(json.dumps(raw))
    said = tinyrig("capsule", tmp_path / "record.json", "--layer", "0", "-o", tmp_path / "c")
    check_refusal(said, 2, "other layers or kernels", "commit")


@pytest.mark.parametrize("name", ["capsule.json", "graph.json", "inputs.npz", "clean.elf"])
def test_a_damaged_capsule_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(folder / "capsule", tmp_path / "c")
    whole = (tmp_path / "c" / name).read_bytes()
    (tmp_path / "c" / name).write_bytes(whole[: len(whole) // 2])
    check_refusal(tinyrig("replay", tmp_path / "c"), 2, name)
    (tmp_path / "c" / name).unlink()
    check_refusal(tinyrig("replay", tmp_path / "c"), 2, name)


def test_a_folder_of_someone_else_is_not_written_over(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    said = tinyrig("capsule", folder / "record.json", "--layer", LAYER, "-o", tmp_path)
    check_refusal(said, 2, "did not write")
