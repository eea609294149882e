"""Reading a git repository: revisions, the files of one, and what the working tree holds."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.errors import InputError, MissingToolError

_SHORT = 12


@dataclass(frozen=True)
class Commit:
    """A commit by its full hash, with the first line of its message."""

    sha: str
    subject: str

    @property
    def label(self) -> str:
        """Hash and message, short."""
        return f"{self.sha[:_SHORT]} {self.subject}"


@dataclass(frozen=True)
class Repository:
    """A clone at `root`. Nothing here writes to its working tree, its index or its refs."""

    root: Path

    def commit(self, ref: str) -> Commit:
        """Return the commit a ref names; InputError when there is none."""
        try:
            sha = self._git(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
            )
        except InputError:
            raise InputError(
                f"{ref!r} is neither a folder of results nor a commit of {self.root}."
            ) from None
        return Commit(sha.strip(), self._git("log", "-1", "--format=%s", sha.strip()).strip())

    def first_parents(self, good: Commit, bad: Commit) -> tuple[Commit, ...]:
        """Return the commits after `good` up to `bad`, oldest first, along first parents.

        InputError when `good` is no ancestor of `bad`.
        """
        line = self._git("rev-list", "--first-parent", bad.sha).split()
        if good.sha not in line:
            raise InputError(
                f"{good.sha[:_SHORT]} is not among the first parents of {bad.sha[:_SHORT]}."
            )
        after = line[: line.index(good.sha)]
        return tuple(self.commit(sha) for sha in reversed(after))

    def has(self, commit: Commit, path: str) -> bool:
        """Whether a commit has a file or folder."""
        return bool(self._git("ls-tree", commit.sha, "--", path).strip())

    def read(self, commit: Commit, path: str) -> bytes:
        """Return a file of a commit."""
        return self._run(("cat-file", "blob", f"{commit.sha}:{path}"))

    def digest(self, commit: Commit, folders: Sequence[str]) -> str:
        """Return a digest of a commit's files below some folders."""
        listed = self._git("ls-tree", "-r", "-z", commit.sha, "--", *folders)
        entries = []
        for line in filter(None, listed.split("\0")):
            facts, path = line.split("\t", 1)
            entries.append((path, facts.split()[2]))
        return _digest(entries)

    def working_digest(self, folders: Sequence[str]) -> str:
        """Return the digest of the working tree's own files; equal files give equal digests."""
        listed = self._git(
            "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders
        )
        paths = sorted({path for path in listed.split("\0") if path})
        paths = [path for path in paths if (self.root / path).is_file()]
        hashes = self._git("hash-object", "--stdin-paths", given="\n".join(paths)).split()
        return _digest(list(zip(paths, hashes, strict=True)))

    def export(self, commit: Commit, folder: Path) -> None:
        """Write a commit's files below a folder.

        An archive, not a worktree: an interrupt at any instant leaves nothing in the repository.
        """
        archive = self._run(("archive", "--format=tar", commit.sha))
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")

    def _git(self, *arguments: str, given: str | None = None) -> str:
        return self._run(arguments, given).decode("utf-8", "surrogateescape")

    def _run(self, arguments: Sequence[str], given: str | None = None) -> bytes:
        return _call(self.root, arguments, given)


def repository(folder: Path) -> Repository:
    """Return the repository a folder is in; InputError when it is in none."""
    root = _call(folder, ("rev-parse", "--show-toplevel")).decode("utf-8", "surrogateescape")
    return Repository(Path(root.rstrip("\n")))


def _call(folder: Path, arguments: Sequence[str], given: str | None = None) -> bytes:
    try:
        done = subprocess.run(
            ("git", *arguments),
            cwd=folder,
            input=None if given is None else given.encode("utf-8", "surrogateescape"),
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise MissingToolError(
            f"Cannot start git: {error.strerror}. Install it with: sudo apt-get install git"
        ) from error
    if done.returncode:
        message = done.stderr.decode("utf-8", "replace").strip()
        raise InputError(f"git {arguments[0]} failed in {folder}: {message}")
    return done.stdout


def _digest(entries: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f"{path}\0{sha}\n" for path, sha in sorted(entries))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
