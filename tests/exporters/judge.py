"""One exported graph through frontend, planner, firmware and reference, against ONNX Runtime."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import onnx
from exporters.family import Feed, Made
from exporters.filled import filled, plain
from frontends.qdq_models import Case
from fuzz.trial import run_trial

from tinyrig.generator.errors import FitError, InputError, UnsupportedError
from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.frontends.check import check_model, is_quantized
from tinyrig.generator.frontends.extents import with_extents
from tinyrig.generator.options import Options
from tinyrig.suite.models.quantize import observe_quantized, quantize_static
from tinyrig.suite.models.survey import survey

STEPS = 2
"""What a node may be apart: where a file leaves float, two roundings of ours are one of its own."""
RUNS, REFUSED, WRONG, UNMADE = "runs", "refused", "WRONG", "not exported"


@dataclass(frozen=True)
class Judgement:
    """What became of a graph, and the paragraph or figures that say so."""

    verdict: str
    words: str


def judge(make: Callable[[], Made], boards: tuple[str, ...]) -> Judgement:
    """Export a graph and judge it; what nobody foresaw is wrong, with its traceback.

    What the exporter itself does not write says nothing about us.
    """
    try:
        made = make()
    except Exception as error:  # noqa: BLE001 - exporters raise whatever they like
        return Judgement(UNMADE, f"{type(error).__name__}: {str(error).splitlines()[0]}")
    try:
        refused = ""
        try:
            return _tried(made, boards)
        except (InputError, FitError) as error:
            refused = str(error)
        return _refusal(made, refused)
    except Exception:  # noqa: BLE001 - finding these is what this is for
        return Judgement(WRONG, "".join(traceback.format_exc().splitlines(keepends=True)[-7:]))


def _tried(made: Made, boards: tuple[str, ...]) -> Judgement:
    """Run a graph as it is, its float parts on ranges of its inputs where it has to be."""
    model, _ = with_extents(check_model(made.model))
    how = ""
    if not is_quantized(model):
        how, model = "calibrated, ", quantize_static(model, made.feeds)
    model, feed = plain(model), made.feeds[0]
    try:
        return _trial(made.options, model, feed, boards, {}, how)
    except UnsupportedError:
        seen = observe_quantized(model, made.feeds)
        return _trial(made.options, model, feed, boards, seen, "its float tensors calibrated, ")


def _trial(
    options: Options,
    model: onnx.ModelProto,
    feed: Feed,
    boards: tuple[str, ...],
    seen: Mapping[str, Interval],
    how: str,
) -> Judgement:
    """Run a model, and compare it with itself where the scales that we fit stand in the file."""
    case = Case(filled(model, seen), dict(feed))
    found = run_trial(case, boards, options, seen, STEPS, model)
    if boards and found.refused.startswith(FitError.__name__):
        found = run_trial(case, (), options, seen, STEPS, model)
        how = f"{how}too large for {', '.join(boards)}, "
    if found.refused:
        kind, _, words = found.refused.partition(": ")
        raise (UnsupportedError if kind == "UnsupportedError" else InputError)(words)
    if found.wrong:
        return Judgement(WRONG, found.wrong)
    near = f"{found.different} of {found.elements} elements a step apart"
    return Judgement(RUNS, f"{how}{found.values} values ({found.uncovered} not held), {near}")


def _refusal(made: Made, words: str) -> Judgement:
    """A refusal is one that `tinyrig check` finds too, with a way out of each obstacle."""
    found = survey(made.model, "exported", None if is_quantized(made.model) else list(made.feeds))
    if not found.obstacles:
        return Judgement(WRONG, f"`tinyrig check` finds nothing, yet it is refused: {words}")
    silent = [one.reason for one in found.obstacles if not one.way_out]
    if silent:
        return Judgement(WRONG, f"says no way out: {silent[0]}")
    outs = dict.fromkeys(f"{one.reason} -> {one.way_out}" for one in found.obstacles)
    return Judgement(REFUSED, " | ".join(outs))
