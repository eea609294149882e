"""Charts as inline SVG that stretch with the page: shares across, pixels down.

Colours come from the classes of the site's style sheet; every text is escaped.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from tinyrig.suite.report.flame import Frame, Stack, frames
from tinyrig.suite.report.site.history import Commit, History, Series
from tinyrig.suite.report.svg import element, percent, text, tooltip

_ROW = 24
_LEAST = 0.001
_COLOURS = 6
_STRIP, _MARGIN = 44, 8
_LABELS, _LABEL_SHARE = 18, 0.055


def flame_chart(counts: Mapping[Stack, int], unit: str, title: str) -> Markup:
    """Return stacks as rows of frames, callers above; frames keep the order of `counts`."""
    found = list(frames(counts, least=_LEAST, by_value=False))
    total = sum(counts.values()) or 1
    height = _ROW * (1 + max((frame.depth for frame in found), default=0))
    boxes = (_frame(frame, total, unit) for frame in found)
    return element(
        "svg", *boxes, class_="flame", width="100%", height=height, role="img", aria_label=title
    )


def _frame(frame: Frame, total: int, unit: str) -> Markup:
    colour = zlib.crc32(frame.name.encode("utf-8", "surrogatepass")) % _COLOURS
    kind = f"f{colour if frame.depth else 'root'}"
    return element(
        "svg",
        tooltip(f"{frame.name}: {frame.value:,} {unit}, {frame.value / total:.1%}"),
        element("rect", class_=kind, width="100%", height="100%"),
        text(5, 16, frame.name) if frame.width > 0.015 else "",
        x=percent(frame.left),
        y=frame.depth * _ROW,
        width=percent(frame.width),
        height=_ROW - 1,
    )


def history_strip(history: History, series: Series) -> Markup:
    """Return one figure over all commits, on a scale of its own, a dot where it changed."""
    points = list(_points(history.commits, series))
    values = [value for _, _, value in points]
    low, high = min(values, default=0.0), max(values, default=0.0)

    def y(value: float) -> float:
        if high == low:
            return _STRIP / 2
        return _STRIP - _MARGIN - (value - low) / (high - low) * (_STRIP - 2 * _MARGIN)

    path = _staircase([(at, y(value)) for at, _, value in points], 0.5 / len(history.commits))
    changed = {step.commit.sha for step in history.steps(series)}
    dots = [
        _dot(at, y(value), f"{commit.short} {commit.subject}: {value:,.10g} {series.unit}")
        for at, commit, value in points
        if commit.sha in changed or len(points) == 1
    ]
    told = f"{len(points)} commits, {len(changed)} steps, from {low:,.10g} to {high:,.10g}"
    line = element(
        "svg",
        element("path", d=path),
        viewBox=f"0 0 1000 {_STRIP}",
        preserveAspectRatio="none",
        width="100%",
        height=_STRIP,
    )
    return element(
        "svg",
        line,
        *dots,
        class_="strip",
        width="100%",
        height=_STRIP,
        role="img",
        aria_label=f"{told} {series.unit}",
    )


def _staircase(points: Sequence[tuple[float, float]], reach: float) -> str:
    """Return a path that keeps each height until the next point; `reach` is kept at both ends."""
    if not points:
        return ""
    (first, height), (last, _) = points[0], points[-1]
    turns = "".join(
        f"H{1000 * at:.1f}V{y:.1f}" for (_, was), (at, y) in pairwise(points) if y != was
    )
    return f"M{1000 * (first - reach):.1f} {height:.1f}{turns}H{1000 * (last + reach):.1f}"


def _dot(at: float, y: float, told: str) -> Markup:
    return element("circle", tooltip(told), cx=percent(at), cy=y, r=4)


def commit_axis(history: History, series: Sequence[Series]) -> Markup:
    """Return the commits under the steps of some strips, the largest changes before others."""
    largest: dict[str, float] = {}
    for one in series:
        for step in history.steps(one):
            size = abs(step.change) if step.change is not None else 1.0
            largest[step.commit.sha] = max(largest.get(step.commit.sha, 0.0), size)
    shown: list[tuple[float, Commit]] = []
    places = {
        commit.sha: (_at(history.commits, index), commit)
        for index, commit in enumerate(history.commits)
    }
    for sha in sorted(largest, key=lambda sha: (-largest[sha], sha))[:_LABELS]:
        at, commit = places[sha]
        if all(abs(at - other) >= _LABEL_SHARE for other, _ in shown):
            shown.append((at, commit))
    placed = sorted(shown, key=lambda found: found[0])
    told = "commits under the steps: " + ", ".join(commit.short for _, commit in placed)
    return element(
        "svg",
        *(_label(at, commit) for at, commit in placed),
        class_="axis",
        width="100%",
        height=76,
        role="img",
        aria_label=told if shown else "no step",
    )


def _label(at: float, commit: Commit) -> Markup:
    words = element(
        "text",
        commit.short,
        tooltip(f"{commit.short} {commit.subject}"),
        transform="translate(-3.5 12) rotate(90)",
    )
    return element("svg", element("path", d="M0 0v6"), words, x=percent(at), overflow="visible")


def _points(commits: Sequence[Commit], series: Series) -> Iterator[tuple[float, Commit, float]]:
    for index, commit in enumerate(commits):
        if commit.sha in series.values:
            yield _at(commits, index), commit, series.values[commit.sha]


def _at(commits: Sequence[Commit], index: int) -> float:
    """Return where a commit lies, as a share of the width."""
    return (index + 0.5) / len(commits)
