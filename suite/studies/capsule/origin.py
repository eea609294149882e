"""The run a capsule is taken from, and its model found again."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import Options, parse_options
from tinyrig.suite.bench.folder import Result
from tinyrig.suite.models.case import Case, graph_digest, resolve
from tinyrig.suite.models.signals import Sample
from tinyrig.suite.records.record import Record, load_record

_FREE_BLOCK = re.compile(r"(.+?)-S(\d+)-E(\d+)-P(\d+)-H(\d+)\Z")
_OFF = "no-"


@dataclass(frozen=True, eq=False)
class Origin:
    """A record, the case it was made of as its options rewrite it, and these options."""

    record: Record
    case: Case
    options: Options
    ref_only: bool


def find_origin(
    path: Path,
    model: str | None = None,
    calibration: Sequence[Sample] | None = None,
    choice: str = "minmax",
) -> Origin:
    """Read a record file or a result's folder, and find its model again.

    `model` says where that is when the record is not of a zoo model: its ONNX file; a float one
    with the `calibration` it was quantized with, by the method `choice`. InputError when the model
    found is not the one recorded.
    """
    record, spec, dims = _read(path)
    options = options_of(_words(record))
    ref_only = record.options.get("ref_only") is True
    if model is not None:
        spec, dims = model, {}
    case = resolve(spec, dims, calibration, choice=choice).rewritten(options)
    found, wanted = graph_digest(case), record.model.sha256
    if found != wanted:
        raise InputError(
            f"The record {path} is of {record.model.name!r} with graph {wanted[:16]}, and "
            f"{spec!r} has graph {found[:16]} here: it is another model, or this tinyrig makes "
            "another graph of it. Name the model with --model, or use the commit of the record."
        )
    return Origin(record, case, options, ref_only)


def _read(path: Path) -> tuple[Record, str, Mapping[str, int]]:
    """Return the record, and the model and dimensions it names."""
    if path.is_dir():
        result = Result(path)
        job = result.evidence.job
        return result.record, job.model, job.dims
    record = load_record(path)
    block = _FREE_BLOCK.match(record.model.name)
    if block is None:
        return record, record.model.name, {}
    sizes = dict(zip("SEPH", map(int, block.groups()[1:]), strict=True))
    return record, block[1], sizes


def options_of(words: Iterable[str]) -> Options:
    """Return the options that words of `Options.words` stand for."""
    given = tuple(words)
    on = [word for word in given if not word.startswith(_OFF)]
    return parse_options(on, [word.removeprefix(_OFF) for word in given if word.startswith(_OFF)])


def _words(record: Record) -> list[str]:
    words = record.options.get("opt", [])
    if not isinstance(words, list):
        raise InputError(f"The record's options are no list of words: {reprlib.repr(words)}.")
    return words
