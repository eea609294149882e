"""What nobody foresaw: one paragraph, the right exit code, a traceback only when asked for."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench.tiny import TINY
from cli.command import PROGRAM, check_refusal, tinyrig
from github.scripts import script

from tinyrig.generator.errors import (
    BrokenRunError,
    FitError,
    InputError,
    InternalError,
    MissingToolError,
)
from tinyrig.suite.bench import outcome
from tinyrig.suite.bench.log import load_log
from tinyrig.suite.bench.outcome import attempt, exit_code, failed, keep
from tinyrig.suite.cli import run as run_command
from tinyrig.suite.cli.app import execute
from tinyrig.suite.process.failures import failure

_REPOSITORY = Path(__file__).parents[2]
_NO_HOME = (
    "import pwd, sys\n"
    "def missing(uid): raise KeyError(uid)\n"
    "pwd.getpwuid = missing\n"
    "from tinyrig.suite.cli import main; main()"
)


def _raise(error: BaseException):
    def step(*_: object, **__: object) -> None:
        raise error

    return step


def _defect(*given: object, **_: object) -> None:
    given[-1]("booting")  # type: ignore[operator]
    raise ValueError("no such\nthing")


def test_a_defect_is_one_paragraph(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_command, "run_case", _defect)
    said = tinyrig("run", model, "--samples", "2")
    words = ("Internal error", f"tinyrig run {model} --samples 2", "board stm32f746")
    check_refusal(
        said, 6, *words, "while booting", "ValueError: no such thing", "report", "--debug"
    )
    assert "suite/cli/run.py" in said.err
    assert execute(["run", str(model)], debug=True) == 6
    told = capsys.readouterr().err
    assert "Traceback" in told and told.rstrip().splitlines()[-1].startswith("tinyrig: Internal")


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (MemoryError(), BrokenRunError, "not enough memory"),
        (RecursionError("too deep"), InternalError, "RecursionError: too deep"),
        (OSError(errno.ENOSPC, "No space left", "/x"), InputError, "/x"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), InputError, "/x"),
        (OSError(errno.EMFILE, "Too many open files"), BrokenRunError, "Too many open files"),
        (OSError(errno.ENOTTY, "Not a typewriter"), InternalError, "Not a typewriter"),
        (ModuleNotFoundError("x", name="rich.x"), MissingToolError, "rich.x"),
        (ModuleNotFoundError("x", name="tinyrig.suite.x"), InternalError, "ModuleNotFoundError"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no"), InternalError, "UnicodeEncodeError"),
        (ValueError("x" * 100_000), InternalError, "..."),
        (AssertionError(), InternalError, "AssertionError"),
    ],
)
def test_every_error_becomes_one_of_ours(error: Exception, kind: type, word: str) -> None:
    found = failure(error, "tinyrig run x")
    assert type(found) is kind
    assert word in str(found) and "\n" not in str(found) and len(str(found)) < 1000
    assert "tinyrig run x" in str(found) or kind is MissingToolError


def test_a_defect_in_one_job_of_a_matrix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "measure_job", _defect)
    ended = attempt(TINY)
    assert ended.code == 6 and "\n" not in ended.message
    assert TINY.name in ended.message and "while booting" in ended.message
    assert ended.traceback.startswith("Traceback")
    assert exit_code([ended, failed(TINY, "", 4)]) == 6
    assert exit_code([ended, failed(TINY, "", 1)]) == 1
    monkeypatch.setattr(outcome, "drop_result", _raise(RuntimeError("lost")))
    assert keep(failed(TINY, "", FitError.exit_code), tmp_path).code == 6
    assert load_log(tmp_path) is None


def _process(words: list[str], folder: Path, **given: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(_REPOSITORY)}
    environment |= given.pop("env", {})  # type: ignore[arg-type]
    stdout = given.pop("stdout", subprocess.PIPE)
    return subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdout=stdout,  # type: ignore[arg-type]
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
        **given,  # type: ignore[call-overload]
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_output(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = _process([*PROGRAM, "boards"], tmp_path, stdout=full)
    assert done.returncode == 2
    assert done.stderr.startswith("tinyrig: Cannot write the answer to the standard output: ")
    assert done.stderr.count("\n") == 1


def test_an_output_nobody_reads(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = _process([*PROGRAM, "boards"], tmp_path, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_no_output_at_all(tmp_path: Path) -> None:
    done = _process([*PROGRAM, "boards"], tmp_path, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_deleted_working_directory(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = ["sh", "-c", 'rmdir ../gone && exec "$0" "$@"', *PROGRAM, "boards"]
    done = _process(shell, gone)
    assert done.returncode == 2
    assert done.stderr.startswith("tinyrig: The working directory does not exist")
    assert done.stderr.count("\n") == 1


def test_a_user_without_a_home(tmp_path: Path, model: Path) -> None:
    unset = ("HOME", "TINYRIG_CACHE", "XDG_CACHE_HOME")
    words = [word for name in unset for word in ("-u", name)]
    command = ["env", *words, f"TMPDIR={tmp_path}", sys.executable, "-c", _NO_HOME]
    done = _process([*command, "run", str(model)], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"tinyrig-{os.geteuid()}" / "store" / "elf").is_dir()
    assert (tmp_path / f"tinyrig-{os.geteuid()}").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["annotate.py", "gate_markdown.py", "comment.py"])
@pytest.mark.parametrize("raw", [b"[" * 100_000, b"\xff", b'{"schema": 1}', b"9" * 6000])
def test_scripts_refuse_what_is_no_answer(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "gate.json").write_bytes(raw)
    variables = {"GITHUB_API_URL": "http://127.0.0.1:9", "GITHUB_REPOSITORY": "o/r"}
    variables |= {"GITHUB_TOKEN": "t", "HEAD_OWNER": "o", "HEAD_BRANCH": "b", "HEAD_SHA": "s"}
    done = script(name, "gate.json", folder=tmp_path / "work", **variables)
    assert done.returncode == (4 if name == "comment.py" else 2), done.stderr
    assert done.stderr.startswith("tinyrig: ") and done.stderr.count("\n") == 1
