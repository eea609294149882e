"""A folder of results: one sub-folder a job, complete once it holds its record.

    DIR/<job name>/{clean.elf, checked.elf, evidence.json, record.json}

The record is written last and every file atomically, so a killed run leaves a job that is
whole or a job that counts as not run; a run that finds no room leaves what was there. A lock in
the job's folder keeps two runs apart, and who reads a record from what is being written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinyrig.generator.errors import InputError
from tinyrig.generator.files import read_file
from tinyrig.suite.bench.evidence import SCHEMA, Evidence
from tinyrig.suite.bench.job import Job
from tinyrig.suite.files.atomic import Staged
from tinyrig.suite.files.locks import locked, unchanged
from tinyrig.suite.records.document import load_document
from tinyrig.suite.records.record import Record, load_record
from tinyrig.suite.toolchain.image import Image, read_image

_MOST_BYTES = 1 << 30
_RECORD, _EVIDENCE, _LOCK = "record.json", "evidence.json", ".lock"


@dataclass(frozen=True)
class Result:
    """One job's results on disk; each part is read on first use."""

    path: Path

    @property
    def name(self) -> str:
        """The job's name."""
        return self.path.name

    @cached_property
    def record(self) -> Record:
        """The Record; InputError when it cannot be used."""
        with unchanged(self.path / _LOCK):
            return load_record(self.path / _RECORD)

    @property
    def is_whole(self) -> bool:
        """Whether there is a record, so that the job counts as run."""
        with unchanged(self.path / _LOCK):
            return (self.path / _RECORD).is_file()

    @cached_property
    def evidence(self) -> Evidence:
        """The evidence; InputError when it cannot be used."""
        path = self.path / _EVIDENCE
        found = load_document(path, "evidence", SCHEMA, Evidence)
        if found.clean_sha256 != self.record.elf_sha256:
            raise InputError(f"{path} is of another run than the record beside it.")
        return found

    def image(self, *, checked: bool) -> Image:
        """Return an ELF; InputError when it is missing or not the one the evidence names."""
        path = self.path / ("checked.elf" if checked else "clean.elf")
        elf = read_file(path, "ELF", _MOST_BYTES)
        wanted = self.evidence.checked_sha256 if checked else self.evidence.clean_sha256
        if hashlib.sha256(elf).hexdigest() != wanted:
            raise InputError(f"{path} is not the ELF its evidence names: it was changed.")
        return read_image(elf, checked=checked)


def results(folder: Path) -> Iterator[Result]:
    """Yield the complete jobs of a folder by name; InputError when there is no such folder."""
    if not folder.is_dir():
        raise InputError(f"There is no results folder {folder}.")
    for path in sorted(folder.iterdir()):
        if Result(path).is_whole:
            yield Result(path)


def load_records(path: Path) -> dict[str, Record]:
    """Return the records of a results folder, a job's folder or a record file, by job name.

    InputError when there is none or one of them cannot be used.
    """
    if Result(path).is_whole:
        return {path.name: Result(path).record}
    if path.is_dir():
        return {result.name: result.record for result in results(path)}
    record = load_record(path)
    parts = (record.model.name, record.board_name, record.toolchain.name, record.backend.name)
    return {"@".join(parts): record}


def save_result(
    folder: Path, record: Record, evidence: Evidence, clean: bytes, checked: bytes
) -> Result:
    """Write a job's results under its name; InputError when the place cannot be written."""
    target = folder / evidence.job.name
    text = evidence.model_dump_json(by_alias=True) + "\n"
    contents = {
        "clean.elf": clean,
        "checked.elf": checked,
        _EVIDENCE: text.encode(),
        _RECORD: record.to_json().encode(),
    }
    with _alone_in(target), ExitStack() as stack:
        # Everything finds its room on the disk before anything is replaced.
        staged = [
            stack.enter_context(Staged(target / name, content))
            for name, content in contents.items()
        ]
        # An older record would vouch for new files: it goes first, and the new one comes last.
        (target / _RECORD).unlink(missing_ok=True)
        for file in staged:
            file.place()
    return Result(target)


def drop_result(folder: Path, job: Job) -> None:
    """Make a job count as not run; InputError when its folder cannot be written."""
    target = folder / job.name
    if target.is_dir():
        with _alone_in(target):
            (target / _RECORD).unlink(missing_ok=True)


@contextmanager
def _alone_in(target: Path) -> Iterator[None]:
    """Make a job's folder and keep every other run from writing it meanwhile."""
    try:
        target.mkdir(parents=True, exist_ok=True)
        with locked(target / _LOCK):
            yield
    except OSError as error:
        raise InputError(f"Cannot write {target}: {error.strerror}.") from error
