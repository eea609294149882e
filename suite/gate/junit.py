"""A gate's answer as JUnit's XML, which test reports of CI systems read."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from tinyrig.suite.gate import phrases
from tinyrig.suite.gate.inert import MOST, visible
from tinyrig.suite.gate.metrics import WORDS
from tinyrig.suite.gate.report import Figure, GateReport

_SUITE = "tinyrig gate"
_UNDECIDED = frozenset(("undecided", "not compared"))


def gate_junit(report: GateReport) -> str:
    """Return one test for the whole answer, and one for every figure and job that differs."""
    cases = list(_cases(report))
    suite = ElementTree.Element(
        "testsuite",
        name=_SUITE,
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
    )
    suite.extend(cases)
    ElementTree.indent(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(suite, "unicode")}\n'


def _cases(report: GateReport) -> Iterator[ElementTree.Element]:
    whole = _case(_SUITE, "verdict")
    headline = visible(phrases.headline(report), MOST)
    if not report.passed:
        _tell(whole, "failure", headline)
    ElementTree.SubElement(whole, "system-out").text = headline
    yield whole
    for name in report.missing:
        _tell(lost := _case(name, "job"), "failure", "in the base but not in the head")
        yield lost
    for name in report.broken:
        _tell(broken := _case(name, "job"), "failure", "new in the head, without results")
        yield broken
    for figure in report.figures:
        yield _figure(figure)


def _figure(figure: Figure) -> ElementTree.Element:
    case = _case(f"{figure.model} on {figure.board}", WORDS[figure.metric])
    _, _, _, before, after, change, verdict = phrases.figure_cells(figure)
    told = f"{before} -> {after}, {change}: {verdict}"
    if figure.fails:
        _tell(case, "failure", told)
    elif figure.verdict in _UNDECIDED:
        _tell(case, "skipped", told)
    else:
        ElementTree.SubElement(case, "system-out").text = visible(told, MOST)
    return case


def _case(classname: str, name: str) -> ElementTree.Element:
    return ElementTree.Element("testcase", classname=visible(classname, MOST), name=name)


def _tell(case: ElementTree.Element, kind: str, message: str) -> None:
    ElementTree.SubElement(case, kind, message=visible(message, MOST))
