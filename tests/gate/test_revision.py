"""Reading a repository, and the results of its revisions, without touching it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from gate.changed_rig import M4, base, only_result

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.log import load_log, save_log
from tinyrig.suite.bench.outcome import Ended
from tinyrig.suite.gate.bisection import Probe, _search
from tinyrig.suite.gate.git import Commit, repository
from tinyrig.suite.gate.revision import Wanted, policy_of, results_of

_IDENTITY = ("-c", "user.name=A Tester", "-c", "user.email=tester@example.org")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "a clone"
    (root / "kernels").mkdir(parents=True)
    (root / "results").mkdir()
    (root / "kernels" / "one.c").write_text("int one;\n", encoding="utf-8")
    (root / ".gitignore").write_text("*.o\n", encoding="utf-8")
    _git(root, "init", "--quiet", "--initial-branch", "main")
    _commit(root, "First")
    monkeypatch.chdir(root)
    return root


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        ("git", *_IDENTITY, *arguments), cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout


def _commit(root: Path, message: str) -> None:
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--allow-empty", "--message", message)


def test_equal_files_have_equal_digests_committed_or_not(clone: Path) -> None:
    found, folders = repository(clone), ("kernels", "suite")
    first = found.digest(found.commit("main"), folders)
    assert found.working_digest(folders) == first
    (clone / "README.md").write_text("Elsewhere.\n", encoding="utf-8")
    (clone / "kernels" / "one.o").write_bytes(b"ignored")
    assert found.working_digest(folders) == first
    (clone / "kernels" / "zwei ü.c").write_text("int two;\n", encoding="utf-8")
    changed = found.working_digest(folders)
    assert changed != first
    _commit(clone, "Second")
    assert found.digest(found.commit("HEAD"), folders) == changed
    (clone / "kernels" / "one.c").unlink()
    assert found.working_digest(folders) not in (first, changed)


def test_an_export_is_the_commit_and_leaves_no_trace(clone: Path, tmp_path: Path) -> None:
    found = repository(clone)
    commit = found.commit("main")
    (clone / "kernels" / "one.c").write_text("int changed;\n", encoding="utf-8")
    before = _git(clone, "status", "--porcelain"), _git(clone, "worktree", "list")
    found.export(commit, tmp_path / "copy")
    assert (tmp_path / "copy" / "kernels" / "one.c").read_text("utf-8") == "int one;\n"
    assert (_git(clone, "status", "--porcelain"), _git(clone, "worktree", "list")) == before
    assert found.read(commit, "kernels/one.c") == b"int one;\n"


def test_first_parents_leave_merged_branches_out(clone: Path) -> None:
    found = repository(clone)
    good = found.commit("main")
    _git(clone, "checkout", "--quiet", "-b", "side")
    _commit(clone, "On the side")
    _git(clone, "checkout", "--quiet", "main")
    _commit(clone, "On the line")
    _git(clone, "merge", "--quiet", "--no-ff", "--message", "Merge", "side")
    line = found.first_parents(good, found.commit("main"))
    assert [commit.subject for commit in line] == ["On the line", "Merge"]
    with pytest.raises(InputError, match="not among the first parents"):
        found.first_parents(found.commit("side"), found.commit("main"))


@pytest.mark.parametrize("spec", ["no-such-ref", "--help", "main:kernels"])
def test_what_is_no_commit_is_refused(clone: Path, spec: str) -> None:
    with pytest.raises(InputError, match="neither a folder of results nor a commit"):
        results_of(spec, Wanted(), lambda _: None)


@pytest.mark.parametrize(("spec", "word"), [("main", "'main'"), (None, "working tree")])
def test_outside_a_clone_the_reason_names_what_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: str | None, word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"{word}.* is in no git clone"):
        results_of(spec, Wanted(), lambda _: None)


@pytest.mark.parametrize("spec", ["main", None])
def test_a_revision_without_the_rig_is_refused(clone: Path, spec: str | None) -> None:
    with pytest.raises(InputError, match="cannot measure it"):
        results_of(spec, Wanted(), lambda _: None)


def test_the_rules_are_those_of_the_base(clone: Path) -> None:
    rules = clone / "results" / "tolerances.toml"
    rules.write_text("[default]\nflash = 2\n", encoding="utf-8")
    _commit(clone, "Tolerate")
    rules.write_text("[default]\nflash = 5\n", encoding="utf-8")
    assert policy_of("HEAD", None).tolerance(M4, "flash") == 2
    assert policy_of("HEAD~1", None).tolerance(M4, "flash") == 0
    measured = clone / "kept"
    measured.mkdir()
    assert policy_of(str(measured), None).tolerance(M4, "flash") == 5
    assert policy_of("HEAD", rules.parent).tolerance(M4, "flash") == 5
    rules.write_text("[default]\nflash = -5\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"default\.flash"):
        policy_of(str(measured), None)


def test_a_folder_tells_which_of_its_jobs_gave_nothing(tmp_path: Path) -> None:
    folder = base(tmp_path / "results", M4)
    assert results_of(str(folder), Wanted(), lambda _: None).notes() == ()
    ended = [Ended(M4, 4, "It hung.\nMore.", booted=True, seconds=1.0)]
    save_log(folder, ended)
    (note,) = results_of(str(folder), Wanted(), lambda _: None).notes()
    assert note == f"{folder}: {M4.name} gave no results: It hung."
    log = load_log(folder)
    assert log is not None
    assert log.booted == 1


def _line(count: int) -> list[Commit]:
    return [Commit(f"{index:040x}", str(index)) for index in range(count)]


@pytest.mark.parametrize("worse_at", range(1, 9))
@pytest.mark.parametrize("broken", [(), (3, 4), (1, 2, 3, 4, 5, 6, 7)])
def test_the_search_ends_at_the_step(tmp_path: Path, worse_at: int, broken: Sequence[int]) -> None:
    line = _line(9)
    result = only_result(base(tmp_path, M4))
    asked: list[int] = []

    def measure(commit: Commit) -> Probe:
        at = int(commit.sha, 16)
        asked.append(at)
        if at in broken:
            raise InputError("It does not build.")
        # A small step elsewhere does not lead astray.
        value = (100 if at >= worse_at else 0) + at
        return Probe(commit, result, value, booted=True)

    found = _search(line, "cycles", measure(line[0]), measure(line[8]), measure)
    before, after = int(found.before.commit.sha, 16), int(found.after.commit.sha, 16)
    assert before < worse_at <= after
    assert [int(s.commit.sha, 16) for s in found.skipped] == list(range(before + 1, after))
    assert set(range(before + 1, after)) <= set(broken)
    assert len(asked) == len(set(asked))
    if not broken:
        assert len(asked) <= 2 + 3
