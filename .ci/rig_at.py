"""Put this rig as another commit has it into a folder, with the tools it pins, and print its path.

usage: python rig_at.py SOURCE REF FOLDER

SOURCE is a clone or the address of one. What is printed is the PYTHONPATH under which that rig
runs: its files, and before the installed packages those that it pins in other versions.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.generator.errors import InputError, MissingToolError
from tinyrig.suite.gate.environment import environment_of
from tinyrig.suite.gate.git import Repository, repository
from tinyrig.suite.process.failures import guarded


def fetched(source: str, ref: str, folder: Path) -> tuple[Repository, str]:
    """Return a clone that has a commit, and what it is called there."""
    if Path(source).is_dir():
        return repository(Path(source)), ref
    # A name that begins with a dash would be an option.
    fetch = ("fetch", "--quiet", "--depth=1", "--", source, ref)
    for words in (("init", "--quiet", "--bare", str(folder)), ("-C", str(folder), *fetch)):
        done = subprocess.run(("git", *words), capture_output=True, text=True, check=False)
        if done.returncode:
            raise InputError(done.stderr.strip())
    return Repository(folder), "FETCH_HEAD"


def main(words: list[str]) -> None:
    """Export the commit, install its tools and print the path."""
    if len(words) != 3:
        raise InputError("usage: python rig_at.py SOURCE REF FOLDER")
    source, ref, folder = words[0], words[1], Path(words[2])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        clone, name = fetched(source, ref, folder / "clone")
        commit = clone.commit(name)
    except InputError as error:
        raise MissingToolError(
            f"The base was not measured: its workflow names Tinyrig at {ref}, which cannot be had "
            f"from {source}: {error}"
        ) from error
    clone.export(commit, folder / "files")

    def read(path: str) -> str | None:
        return (
            clone.read(commit, path).decode("utf-8", "replace") if clone.has(commit, path) else None
        )

    def tell(told: str) -> None:
        sys.stderr.write(f"{told}\n")

    made = environment_of(read, "The base", tell)
    sys.stdout.write(made.python_path((folder / "files").resolve()))


if __name__ == "__main__":
    guarded("rig_at.py", main)
