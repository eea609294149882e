"""The switch settings an ablation runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from tinyrig.generator.options import ALL, NONE, Options

Group = Literal["none", "alone", "added", "left out", "all", "taken"]


HALF = 0.5

_CHOOSING = ("optimize", "cycles", "max_ram", "max_flash", "max_cycles")
"""Fields that choose among plans: an ablation does what the switches say, whatever that costs."""


@dataclass(frozen=True)
class Variant:
    """One setting. `label` is the switch that sets it apart from its group's starting point.

    alone: switched on from none. added: on top of the variant before, in the waterfall.
    left out: switched off from all. taken: what the planner takes when it weighs all of them.
    """

    group: Group
    label: str
    options: Options


def as_stated(options: Options) -> Options:
    """Return options under which the planner does all that the switches say."""
    return replace(options, optimize="none")


def variants() -> tuple[Variant, ...]:
    """Return every setting, none of which the planner weighs against others, and what it takes.

    With a streamed input, which is another way to call the model, in a row of its own.
    """
    stated = (replace(found, options=as_stated(found.options)) for found in _variants())
    streamed = replace(ALL, input_streaming=True)
    return (
        *stated,
        Variant("taken", ALL.optimize, ALL),
        Variant("taken", _label("input_streaming", True), streamed),
    )


def _variants() -> tuple[Variant, ...]:
    """Return none, every value of every switch alone, the waterfall, each left out, and all."""
    return (
        Variant("none", "none", NONE),
        *_alone(),
        *_added(),
        *_left_out(),
        Variant("all", "all", ALL),
    )


def other_values(options: Options) -> Iterator[tuple[str, Options]]:
    """Yield every setting one switch away, with the words that set it."""
    hints = get_type_hints(Options)
    for entry in _switches():
        now = getattr(options, entry.name)
        values = _values(hints[entry.name])
        for value in values:
            if value != now:
                yield _label(entry.name, value), _set(options, entry.name, value)


def _switches() -> list[Field[Any]]:
    return [entry for entry in fields(Options) if entry.name not in _CHOOSING]


def _values(kind: Any) -> tuple[Any, ...]:
    """Return what a switch may be; of shares the half stands for all."""
    if kind is bool:
        return (True, False)
    return (HALF,) if kind is float else get_args(kind)


def _alone() -> Iterator[Variant]:
    for label, options in other_values(NONE):
        yield Variant("alone", label, options)


def _added() -> Iterator[Variant]:
    """Addresses first: what a smaller buffer is worth shows only where memory is used again."""
    names = sorted((entry.name for entry in _switches()), key=lambda name: name != "arena")
    options = NONE
    for name in names:
        value = getattr(ALL, name)
        if value != getattr(options, name):
            options = _set(options, name, value)
            yield Variant("added", _label(name, value), options)


def _left_out() -> Iterator[Variant]:
    for entry in _switches():
        value = getattr(NONE, entry.name)
        if value != getattr(ALL, entry.name):
            yield Variant("left out", _label(entry.name, value), _set(ALL, entry.name, value))


def _label(field_name: str, value: object) -> str:
    """Return a setting as it is written on the command line, `no-` for a switch that is off."""
    name = field_name.replace("_", "-")
    if isinstance(value, bool):
        return name if value else f"no-{name}"
    return f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"


def _set(options: Options, field_name: str, value: Any) -> Options:
    changes: dict[str, Any] = {field_name: value}
    return replace(options, **changes)
