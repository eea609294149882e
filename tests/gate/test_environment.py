"""Each side of a gate is measured with the tools it pins, or the gate says it was not."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.generator.files import read_file
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.log import save_log
from tinyrig.suite.bench.outcome import Ended
from tinyrig.suite.gate.environment import (
    LOCK,
    PROJECT,
    TOOLS,
    Read,
    environment_of,
    installed_version,
    pinned_versions,
)
from tinyrig.suite.gate.explain import make_report
from tinyrig.suite.gate.judge import judge
from tinyrig.suite.gate.phrases import headline
from tinyrig.suite.gate.policy import Policy
from tinyrig.suite.gate.revision import Wanted, base_results


def files(**texts: str) -> Read:
    named = {"project": PROJECT, "lock": LOCK}
    found = {named[key]: text for key, text in texts.items()}
    return found.get


def silent(_: str) -> None:
    pass


def test_the_pin_counts_and_else_the_lock() -> None:
    read = files(
        project='dependencies = ["ziglang==0.16.0", "numpy>=2.0"]',
        lock="numpy==2.1.0\nziglang==0.9\n",
    )
    assert pinned_versions(read) == {"ziglang": "0.16.0", "numpy": "2.1.0"}
    assert pinned_versions(files()) == {}


def test_what_is_installed_needs_no_environment() -> None:
    pins = ", ".join(f'"{name}=={installed_version(name)}"' for name in TOOLS)
    made = environment_of(files(project=f"[{pins}]"), "x", silent)
    assert (made.own, made.folder, made.notes()) == ({}, None, ())
    assert made.versions["ziglang"] == installed_version("ziglang")
    assert made.python_path(Path("/root")) == "/root"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which pip finds two versions of a tool that is installed in a third."""
    folder = tmp_path / "packages"
    folder.mkdir()
    for version in ("0.0.1", "0.0.2"):
        with zipfile.ZipFile(folder / f"capstone-{version}-py3-none-any.whl", "w") as wheel:
            info = f"capstone-{version}.dist-info"
            wheel.writestr("capstone/__init__.py", f"version = {version!r}\n")
            wheel.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: capstone\nVersion: {version}\n"
            )
            wheel.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("TINYRIG_CACHE", str(tmp_path / "cache"))
    return folder


def test_another_pin_gets_its_own_environment_once(packages: Path) -> None:
    told: list[str] = []
    read = files(project='"capstone==0.0.1"')
    made = environment_of(read, "The base", told.append)
    assert told == ["installing capstone==0.0.1"]
    assert made.versions["capstone"] == "0.0.1"
    assert "capstone 0.0.1 (installed: " in made.notes()[0]
    code = "from importlib.metadata import version; print(version('capstone'), end='')"
    environment = {"PYTHONPATH": made.python_path(Path("/nowhere"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0.0.1"
    again = environment_of(read, "The base", told.append)
    assert (again.folder, len(told)) == (made.folder, 1)
    other = environment_of(files(lock="capstone==0.0.2\n"), "The head", told.append)
    assert other.folder != made.folder


def test_what_cannot_be_installed_is_not_measured(packages: Path) -> None:
    with pytest.raises(
        MissingToolError, match=r"The base was not measured: it pins capstone==0\.0\.9"
    ):
        environment_of(files(project='"capstone==0.0.9"'), "The base", silent)
    kept = (packages.parent / "cache").rglob("environments/*/*")
    assert not list(kept)


def test_a_pointer_is_named_as_such(tmp_path: Path) -> None:
    pointer = tmp_path / "model.onnx"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n")
    with pytest.raises(InputError, match=r"Git LFS pointer.*git lfs pull"):
        read_file(pointer, "ONNX model", 1000)


def test_a_base_without_results_is_told_and_compared_with_nothing(tmp_path: Path) -> None:
    base, head, nothing = (tmp_path / name for name in ("base", "head", "nothing"))
    for folder in (base, head, nothing):
        folder.mkdir()
    job = Job(model="m", board="stm32f427")
    save_log(base, [Ended(job, 2, "model.onnx is a Git LFS pointer", booted=False, seconds=0.0)])
    found = base_results(str(base), Wanted(), silent, nothing)
    assert found.folder == nothing
    (note,) = found.notes()
    assert note.startswith("base not measurable: head only.")
    assert "Git LFS pointer" in note
    judged = judge(found.folder, head, Policy())
    report = make_report(found.label, "head", judged, None, found.notes())
    assert report.passed
    assert "all equal" not in headline(report)
    with pytest.raises(InputError, match="neither a folder"):
        base_results("no-such-thing", Wanted(), silent, nothing)
