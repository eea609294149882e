"""Figures over commits as inline SVG that stretches with the page: shares across, pixels down.

Colours come from the classes of the site's style sheet; every text is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from markupsafe import Markup

from tinyrig.suite.report.site.history import Commit, History, Series
from tinyrig.suite.report.svg import element, percent, tooltip

_STRIP, _MARGIN = 56, 9
_LABELS, _LABEL_SHARE = 18, 0.055


Address = Callable[[Commit], str]
"""Where a commit is shown, empty where nowhere."""


def history_strip(history: History, series: Series, address: Address = lambda _: "") -> Markup:
    """Return one figure over all commits, a dot where it changed, linked with the commit.

    Its scale is its own: grid lines stand at the least and the most, which the page names.
    """
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
        _linked(
            _dot(at, y(value), f"{commit.short} {commit.subject}: {value:,.10g} {series.unit}"),
            commit,
            address,
        )
        for at, commit, value in points
        if commit.sha in changed or len(points) == 1
    ]
    told = f"{len(points)} commits, {len(changed)} steps, from {low:,.10g} to {high:,.10g}"
    grid = "".join(f"M0 {y(value):.1f}H1000" for value in dict.fromkeys((high, low)))
    line = element(
        "svg",
        element("path", class_="grid", d=grid),
        element("path", class_="line", d=path),
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
        role=_role(history, address),
        aria_label=f"{told} {series.unit}",
    )


def _role(history: History, address: Address) -> str:
    """Return what a chart is: a picture, or where it holds links a group of them."""
    return "group" if any(map(address, history.commits)) else "img"


def _linked(mark: Markup, commit: Commit, address: Address) -> Markup:
    if not address(commit):
        return mark
    return element("a", mark, href=address(commit), aria_label=f"Commit {commit.short}")


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


def commit_axis(
    history: History, series: Sequence[Series], address: Address = lambda _: ""
) -> Markup:
    """Return the commits under some strips: of the largest steps, then the first and the last."""
    largest: dict[str, float] = {}
    for one in series:
        for step in history.steps(one):
            size = abs(step.change) if step.change is not None else 1.0
            largest[step.commit.sha] = max(largest.get(step.commit.sha, 0.0), size)
    places = {
        commit.sha: (_at(history.commits, index), commit)
        for index, commit in enumerate(history.commits)
    }
    seen = [sha for sha in places if any(sha in one.values for one in series)]
    stepped = sorted(largest, key=lambda sha: (-largest[sha], sha))[:_LABELS]
    shown: list[tuple[float, Commit]] = []
    for sha in dict.fromkeys((*stepped, *seen[:1], *seen[-1:])):
        at, commit = places[sha]
        if all(abs(at - other) >= _LABEL_SHARE for other, _ in shown):
            shown.append((at, commit))
    placed = sorted(shown, key=lambda found: found[0])
    told = "commits: " + ", ".join(commit.short for _, commit in placed)
    return element(
        "svg",
        *(_label(at, commit, address) for at, commit in placed),
        class_="axis",
        width="100%",
        height=76,
        role=_role(history, address),
        aria_label=told if shown else "no commit",
    )


def _label(at: float, commit: Commit, address: Address) -> Markup:
    words = element(
        "text",
        commit.short,
        tooltip(f"{commit.short} {commit.subject}"),
        transform="translate(-3.5 12) rotate(90)",
    )
    tick = element("path", d="M0 0v6")
    return element("svg", tick, _linked(words, commit, address), x=percent(at), overflow="visible")


def _points(commits: Sequence[Commit], series: Series) -> Iterator[tuple[float, Commit, float]]:
    for index, commit in enumerate(commits):
        if commit.sha in series.values:
            yield _at(commits, index), commit, series.values[commit.sha]


def _at(commits: Sequence[Commit], index: int) -> float:
    """Return where a commit lies, as a share of the width."""
    return (index + 0.5) / len(commits)
