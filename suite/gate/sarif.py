"""A gate's answer as SARIF 2.1.0, which code scanning shows at the files it names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from tinyrig.suite.gate import phrases
from tinyrig.suite.gate.inert import MOST, visible
from tinyrig.suite.gate.metrics import METRICS, WORDS
from tinyrig.suite.gate.report import Figure, GateReport

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_NOTED = frozenset(("undecided", "not compared", "accepted"))


def gate_sarif(report: GateReport) -> str:
    """Return what fails as errors and what was not decided as notes.

    A result stands at the sources that changed it, as the causes name them, else at its model.
    """
    rules = [
        {"id": metric, "shortDescription": {"text": f"{WORDS[metric]} is no worse than the base's"}}
        for metric in METRICS
    ]
    driver = {"name": "tinyrig gate", "rules": rules}
    run = {"tool": {"driver": driver}, "results": list(_results(report))}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _results(report: GateReport) -> Iterator[dict[str, Any]]:
    for figure in report.figures:
        if figure.fails or figure.verdict in _NOTED:
            yield _result(figure, _files(report, figure) or [figure.model])


def _result(figure: Figure, files: list[str]) -> dict[str, Any]:
    model, board, what, before, after, change, verdict = phrases.figure_cells(figure)
    told = f"{what} of {model} on {board}: {before} -> {after}, {change}: {verdict}"
    places = [
        {"physicalLocation": {"artifactLocation": {"uri": quote(file.encode("utf-8", "replace"))}}}
        for file in files
    ]
    return {
        "ruleId": figure.metric,
        "level": "error" if figure.fails else "note",
        "message": {"text": visible(told, MOST)},
        "locations": places,
        # The same figure of the same job is the same finding in the next run, whatever its value.
        "partialFingerprints": {"figure": visible(f"{figure.job} {figure.metric}", MOST)},
    }


def _files(report: GateReport, figure: Figure) -> list[str]:
    """Return the changed sources of the causes that hit a figure, those of the worst first."""
    hits = (
        cause.files
        for cause in report.causes
        if any((hit.job, hit.metric) == (figure.job, figure.metric) for hit in cause.hits)
    )
    return list(dict.fromkeys(file for files in hits for file in files))
