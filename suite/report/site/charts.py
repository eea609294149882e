"""Charts as inline SVG that stretch with the page: shares across, pixels down.

Colours come from the classes of the site's style sheet; every text is escaped.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from suite.report.flame import Frame, Stack, frames
from suite.report.site.history import Commit, History, Series

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
    body = Markup("").join(_frame(frame, total, unit) for frame in found)
    return Markup(
        '<svg class="flame" width="100%" height="{}" role="img" aria-label="{}">{}</svg>'
    ).format(height, title, body)


def _frame(frame: Frame, total: int, unit: str) -> Markup:
    told = f"{frame.name}: {frame.value:,} {unit}, {frame.value / total:.1%}"
    colour = zlib.crc32(frame.name.encode("utf-8", "surrogatepass")) % _COLOURS
    return Markup(
        '<svg x="{}%" y="{}" width="{}%" height="{}"><title>{}</title>'
        '<rect class="f{}" width="100%" height="100%"/>{}</svg>'
    ).format(
        _share(frame.left),
        frame.depth * _ROW,
        _share(frame.width),
        _ROW - 1,
        told,
        colour if frame.depth else "root",
        Markup('<text x="5" y="16">{}</text>').format(frame.name) if frame.width > 0.015 else "",
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
    dots = Markup("").join(
        _dot(at, y(value), f"{commit.short} {commit.subject}: {value:,.10g} {series.unit}")
        for at, commit, value in points
        if commit.sha in changed or len(points) == 1
    )
    told = f"{len(points)} commits, {len(changed)} steps, from {low:,.10g} to {high:,.10g}"
    return Markup(
        '<svg class="strip" width="100%" height="{}" role="img" aria-label="{}">'
        '<svg viewBox="0 0 1000 {}" preserveAspectRatio="none" width="100%" height="{}">'
        '<path d="{}"/></svg>{}</svg>'
    ).format(_STRIP, f"{told} {series.unit}", _STRIP, _STRIP, path, dots)


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
    return Markup('<circle cx="{}%" cy="{}" r="4"><title>{}</title></circle>').format(
        _share(at), f"{y:.1f}", told
    )


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
    labels = Markup("").join(
        Markup(
            '<svg x="{}%" overflow="visible"><path d="M0 0v6"/>'
            '<text transform="translate(-3.5 12) rotate(90)">{}<title>{}</title></text></svg>'
        ).format(_share(at), commit.short, f"{commit.short} {commit.subject}")
        for at, commit in sorted(shown, key=lambda found: found[0])
    )
    told = "commits under the steps: " + ", ".join(
        commit.short for _, commit in sorted(shown, key=lambda found: found[0])
    )
    return Markup(
        '<svg class="axis" width="100%" height="76" role="img" aria-label="{}">{}</svg>'
    ).format(told if shown else "no step", labels)


def _points(commits: Sequence[Commit], series: Series) -> Iterator[tuple[float, Commit, float]]:
    for index, commit in enumerate(commits):
        if commit.sha in series.values:
            yield _at(commits, index), commit, series.values[commit.sha]


def _at(commits: Sequence[Commit], index: int) -> float:
    """Return where a commit lies, as a share of the width."""
    return (index + 0.5) / len(commits)


def _share(value: float) -> str:
    """Return a share as a number of percent, always written alike."""
    return f"{100 * value:.3f}".rstrip("0").rstrip(".")
