"""tinyrig.toml: found, checked, and the defaults of the commands; the command line wins."""

from __future__ import annotations

import os
from pathlib import Path

import clone_of_a_user as user
import numpy as np
import pytest
from onnx import TensorProto, helper, save

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.backends.registry import backend, backend_names
from tinyrig.suite.bench.matrix import project_jobs
from tinyrig.suite.cli.app import execute
from tinyrig.suite.files.project import current_project, find_project, load_project
from tinyrig.suite.gate.policy import project_policy

TEXT = """\
boards = ["stm32f427", "./desk"]
options = ["attention=layerwise"]
path = ["rig"]

[[model]]
name = "sum"
file = "models/sum.onnx"
calibration = "calibration.npz"
data = "data.npz"

[budgets.sum.stm32f427]
peak_ram = 1
flash = 2
instructions = 3

[tolerances.model.sum.stm32f427]
instructions = 1.5

[backends]
mine = "my_backend"
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / "models").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "desk").mkdir()
    (root / "desk" / "board.toml").write_text(user.board("desk", "cortex-m4"))
    user.make(root / "rig")
    (root / "tinyrig.toml").write_text(TEXT)
    x, z, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 8]) for n in "xzy")
    graph = helper.make_graph([helper.make_node("Add", ["x", "z"], ["y"])], "g", [x, z], [y])
    save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
        root / "models" / "sum.onnx",
    )
    values = np.random.default_rng(1).standard_normal((4, 1, 8)).astype(np.float32)
    np.savez(root / "calibration.npz", x=values, z=values / 2)
    np.savez(root / "data.npz", x=values[:2], z=values[:2] / 2)
    monkeypatch.chdir(root / "models")
    monkeypatch.setenv("TINYRIG_PATH", "")
    monkeypatch.setenv("TINYRIG_PROJECT", "")
    return root


def test_a_command_takes_from_the_project_what_it_is_not_given(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["run", "sum", "--json", "record.json"]) == 0
    record = Path("record.json").read_text()
    assert '"stm32f427"' in record
    assert user.KERNEL in record
    assert execute(["run", "sum", "--board", "../desk", "--json", "record.json"]) == 0
    assert '"desk"' in Path("record.json").read_text()


def test_a_bench_and_its_gate_run_the_projects_models(repository: Path) -> None:
    assert execute(["bench", "--jobs", "1", "--boards", "stm32f427", "-o", "results"]) == 0
    assert execute(["gate", "--base", "results", "--boards", "stm32f427"]) == 1
    text = TEXT.replace("peak_ram = 1", "peak_ram = 99999").replace("flash = 2", "flash = 999999")
    text = text.replace("instructions = 3", "instructions = 999999")
    (repository / "tinyrig.toml").write_text(text)
    assert execute(["gate", "--base", "results", "--boards", "stm32f427"]) == 0


def test_jobs_and_policy_are_of_the_models_files(repository: Path) -> None:
    project = current_project()
    jobs = project_jobs(project)
    assert [job.board for job in jobs] == ["stm32f427", "../desk"]
    assert {job.model for job in jobs} == {"sum.onnx"}
    policy = project_policy(project)
    assert policy.tolerance(jobs[0], "instructions") == 1.5
    with pytest.raises(InputError, match="no board 'nowhere'"):
        project_jobs(project, boards=["nowhere"])


def test_a_project_ends_with_its_repository(repository: Path) -> None:
    assert find_project(repository / "models") == repository / "tinyrig.toml"
    (repository / "models" / ".git").mkdir()
    assert find_project(repository / "models") is None


def test_every_fault_of_a_project_is_told(repository: Path) -> None:
    path = repository / "tinyrig.toml"
    text = TEXT.replace('file = "models', 'zoo = "x"\nfile = "models')
    path.write_text(text.replace("[budgets.sum", "[budgets.none"))
    with pytest.raises(InputError) as told:
        load_project(path)
    assert "either a file or a zoo name" in str(told.value)
    assert "budgets of 'none'" in str(told.value)
    path.write_text("board = 3\nboards = 4\n")
    with pytest.raises(InputError) as told:
        load_project(path)
    assert "board is unknown" in str(told.value)
    assert "boards:" in str(told.value)


def test_a_rule_of_no_board_of_the_project_is_told(repository: Path) -> None:
    path = repository / "tinyrig.toml"
    path.write_text(TEXT.replace("sum.stm32f427", "sum.stm32f472"))
    with pytest.raises(InputError) as told:
        load_project(path)
    assert "budgets on 'stm32f472', which is none of its boards" in str(told.value)
    assert "tolerances on 'stm32f472'" in str(told.value)


def test_rules_hold_for_a_board_that_is_a_folder(repository: Path) -> None:
    path = repository / "tinyrig.toml"
    path.write_text(TEXT.replace("sum.stm32f427", 'sum."./desk"'))
    project = load_project(path)
    policy = project_policy(project)
    other, desk = project_jobs(project)
    assert (policy.ceiling(other, "flash"), policy.ceiling(desk, "flash")) == (None, 2)
    assert policy.tolerance(desk, "instructions") == 1.5


def test_two_models_never_share_their_results(repository: Path) -> None:
    path = repository / "tinyrig.toml"
    again = '[[model]]\nname = "again"\nfile = "models/sum.onnx"\ncalibration = "calibration.npz"\n'
    path.write_text(TEXT + again)
    with pytest.raises(InputError, match=r"Two jobs of the project would be called sum\.onnx@"):
        project_jobs(load_project(path))
    path.write_text(TEXT + again + 'data = "data.npz"\n')
    assert len(project_jobs(load_project(path))) == 2


@pytest.mark.parametrize("place", ["/dev/zero", ".", "nowhere"])
def test_what_is_no_project_file_is_refused_unread(repository: Path, place: str) -> None:
    with pytest.raises(InputError, match="Cannot read project file"):
        load_project(Path(place))


def test_a_project_of_which_nothing_can_be_measured_does_not_pass(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = repository / "tinyrig.toml"
    text = TEXT.replace('["stm32f427", "./desk"]', '["./gone"]')
    path.write_text(text.replace("sum.stm32f427", 'sum."./gone"'))
    assert execute(["bench", "--jobs", "1", "-o", "results"]) == 2
    assert execute(["gate", "--base", "results"]) == 4
    assert "No job of the project gave results" in capsys.readouterr().err


def test_a_backend_of_the_project(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert backend_names()[-1] == "mine"
    with pytest.raises(MissingToolError, match="my_backend"):
        backend("mine")
    (repository / "my_backend.py").write_text(
        "from tinyrig.suite.backends.embedded import CAPABILITIES, EmbeddedBackend\n\n\n"
        "def load():\n    return EmbeddedBackend(version='1', name='mine')\n"
    )
    monkeypatch.syspath_prepend(repository)
    assert backend("mine").name == "mine"


def test_init_writes_what_can_be_read_and_nothing_twice(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "tinyrig.toml").unlink()
    assert execute(["init", str(repository)]) == 0
    project = load_project(repository / "tinyrig.toml")
    assert [(m.name, os.path.normpath(m.file)) for m in project.model] == [("sum", "sum.onnx")]
    assert execute(["init", str(repository)]) == 2
    assert "is there already" in capsys.readouterr().err
