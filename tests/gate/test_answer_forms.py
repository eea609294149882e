"""A gate's answer as JUnit's XML and as SARIF: what fails, what is only noted, and where."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from tinyrig.suite.gate.junit import gate_junit
from tinyrig.suite.gate.report import Explanation, Figure, GateReport, Hit
from tinyrig.suite.gate.sarif import gate_sarif

_JOB = "net@stm32f427@zig@embedded"


def figure(metric: str, verdict: str, **changes: Any) -> Figure:
    fields = {
        "job": _JOB,
        "model": "nets/a net.onnx",
        "board": "stm32f427",
        "metric": metric,
        "base": 100.0,
        "head": 101.0,
        "percent": 1.0,
        "verdict": verdict,
        "note": "",
        "fails": verdict in ("worse", "wrong"),
    }
    return Figure(**(fields | changes))


def report(*figures: Figure, **changes: Any) -> GateReport:
    fields = {
        "base": "one",
        "head": "other",
        "passed": not any(found.fails for found in figures),
        "jobs": 1,
        "identical": 0,
        "booted": None,
        "figures": figures,
        "missing": (),
        "new": (),
        "causes": (),
        "harmless": (),
    }
    return GateReport(**(fields | changes))


def cases(answer: GateReport) -> dict[tuple[str, str], str]:
    """Return what became of every test, and check the counts."""
    suite = ElementTree.fromstring(gate_junit(answer))
    found = {
        (case.attrib["classname"], case.attrib["name"]): next(
            (child.tag for child in case if child.tag != "system-out"), "passed"
        )
        for case in suite
    }
    ends = list(found.values())
    counted = [suite.attrib[name] for name in ("tests", "failures", "skipped")]
    assert counted == [str(n) for n in (len(ends), ends.count("failure"), ends.count("skipped"))]
    return found


def test_every_figure_that_differs_is_a_test() -> None:
    answer = report(
        figure("instructions", "worse"),
        figure("flash", "better"),
        figure("cycles_measured", "undecided"),
        missing=("gone@stm32f427",),
    )
    net = "nets/a net.onnx on stm32f427"
    assert cases(answer) == {
        ("tinyrig gate", "verdict"): "failure",
        ("gone@stm32f427", "job"): "failure",
        (net, "instructions"): "failure",
        (net, "flash"): "passed",
        (net, "cycles, measured"): "skipped",
    }
    assert "100 -&gt; 101, +1.00 %: worse" in gate_junit(answer)
    assert cases(report()) == {("tinyrig gate", "verdict"): "passed"}


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\ud800", "\uffff", "<&\"'>"])
def test_no_name_breaks_either_form(sign: str) -> None:
    answer = report(figure("flash", "worse", model=f"a{sign}b"), missing=(sign,))
    gate_junit(answer).encode()
    cases(answer)
    (run,) = json.loads(gate_sarif(answer).encode())["runs"]
    assert len(run["results"]) == 1


def test_sarif_stands_at_the_source_or_at_the_model() -> None:
    hit = Hit(job=_JOB, model="m", board="b", metric="instructions", base=1.0, head=2.0, amount=1.0)
    cause = Explanation(
        kind="source",
        title="Changed source",
        files=("kernels/src/a.c", "kernels/src/b.h"),
        hits=(hit,),
        worst=hit,
        places=(),
        block=None,
        tensors=(),
        base_peak=None,
        head_peak=None,
    )
    answer = report(
        figure("instructions", "worse"),
        figure("flash", "worse"),
        figure("stack", "accepted"),
        figure("arena", "better"),
        causes=(cause,),
    )
    document = json.loads(gate_sarif(answer))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    found = {
        result["ruleId"]: (
            result["level"],
            [place["physicalLocation"]["artifactLocation"]["uri"] for place in result["locations"]],
        )
        for result in run["results"]
    }
    assert found == {
        "instructions": ("error", ["kernels/src/a.c", "kernels/src/b.h"]),
        "flash": ("error", ["nets/a%20net.onnx"]),
        "stack": ("note", ["nets/a%20net.onnx"]),
    }
    assert set(found) <= rules
