"""Which kernels the steps of a schedule run within a limit of RAM and one of flash.

Without a limit of flash every step takes its fastest. Weights are packed for steps that share them
at once; where flash is short, those that save most cycles a byte are upgraded first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tinyrig.generator.planning.kernels import Kernel
from tinyrig.generator.planning.search.laid import Laid, Weighed


@dataclass(frozen=True)
class Selection:
    """A kernel for every step: predicted cycles, bytes live at once, bytes of constants.

    `waits` are those of its steps, `each` the cycles of every one, `fetched` what it waits for its
    code, counted in `waits` or not.
    """

    kernels: tuple[Kernel, ...]
    cycles: int
    ram: int
    flash: int
    waits: int = 0
    each: tuple[int, ...] = ()
    fetched: tuple[int, ...] = ()

    @property
    def price(self) -> int:
        """What choices go by: all cycles that are counted."""
        return self.cycles + self.waits


@dataclass(frozen=True, eq=False)
class _Form:
    """How weights that some steps share may lie: what each of the steps then runs."""

    chosen: Mapping[int, Weighed]

    @cached_property
    def price(self) -> int:
        return sum(one.price for one in self.chosen.values())

    @cached_property
    def flash(self) -> int:
        packs: dict[str, int] = {}
        for one in self.chosen.values():
            packs[one.kernel.pack] = max(packs.get(one.kernel.pack, 0), one.flash)
        return sum(packs.values())


def select(found: Laid, ram: int, flash: int | None = None) -> Selection | None:
    """Return the fastest kernels within limits; None when a step has none.

    Where no choice is within the flash, the smallest one is it.
    """
    chosen = _within(found, ram, flash)
    if chosen is None:
        return None
    whole = sum(form.flash for form in chosen)
    steps = {index: one for form in chosen for index, one in form.chosen.items()}
    ordered = [steps[index] for index in range(len(found.steps))]
    return Selection(
        kernels=tuple(one.kernel for one in ordered),
        cycles=sum(one.cycles for one in ordered),
        ram=max((one.ram for one in ordered), default=0),
        flash=whole,
        waits=sum(one.waits for one in ordered),
        each=tuple(one.cycles for one in ordered),
        fetched=tuple(one.fetched for one in ordered),
    )


def _within(found: Laid, ram: int, flash: int | None) -> list[_Form] | None:
    groups: dict[Hashable, list[int]] = {}
    for index, shared in enumerate(found.shared):
        groups.setdefault(index if shared is None else ("weights", shared), []).append(index)
    every = []
    for members in groups.values():
        choices = {
            index: [one for one in found.steps[index] if one.ram <= ram] for index in members
        }
        if not all(choices.values()):
            return None
        every.append(_forms(choices))
    if flash is None:
        return [min(forms, key=lambda form: (form.price, form.flash)) for forms in every]
    return _upgraded(every, flash)


def _forms(choices: Mapping[int, Sequence[Weighed]]) -> list[_Form]:
    """Return every packing of the weights that some steps share, each step with its fastest."""
    packs = dict.fromkeys(one.kernel.pack for steps in choices.values() for one in steps)
    found = [_Form({index: _fastest(steps) for index, steps in choices.items()})]
    if len(packs) > 1:
        for pack in packs:
            chosen = {
                index: _fastest([one for one in steps if one.kernel.pack == pack] or steps)
                for index, steps in choices.items()
            }
            found.append(_Form(chosen))
    return found


def _fastest(steps: Sequence[Weighed]) -> Weighed:
    return min(steps, key=lambda one: (one.price, one.ram, one.flash))


def _upgraded(every: Sequence[Sequence[_Form]], room: int) -> list[_Form]:
    """Start with the smallest forms; upgrade while there is room, most cycles a byte first."""
    chosen = [min(forms, key=lambda form: (form.flash, form.price)) for forms in every]
    room -= sum(form.flash for form in chosen)
    offers = sorted(
        (
            (-saved / extra, number, order, form)
            for number, forms in enumerate(every)
            for order, (saved, extra, form) in enumerate(_steps_up(chosen[number], forms))
        ),
        key=lambda offer: offer[:3],
    )
    for _, number, _, form in offers:
        extra = form.flash - chosen[number].flash
        if extra <= room and form.price < chosen[number].price:
            chosen[number] = form
            room -= extra
    return chosen


def _steps_up(start: _Form, forms: Sequence[_Form]) -> Iterator[tuple[int, int, _Form]]:
    """Yield cycles saved, bytes more and the form itself on the way up, by falling gain."""
    at = start
    while True:
        better = [
            (at.price - form.price, form.flash - at.flash, form)
            for form in forms
            if form.price < at.price and form.flash > at.flash
        ]
        if not better:
            return
        best = max(better, key=lambda one: (one[0] / one[1], -one[1]))
        yield best
        at = best[2]
