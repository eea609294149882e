"""What would be chosen if no flash were waited for, at its price on the board or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinyrig.generator.planning.search.frontier import Candidate, candidates
from tinyrig.generator.planning.search.laid import Laid, Weighed


def dry_candidates(every: Sequence[Laid], flash: int | None) -> list[Candidate]:
    """Return what is best at zero wait states, fastest first there; prices have the waits."""
    dry = [_as_dry(found) for found in every]
    wet = {id(one): found for one, found in zip(dry, every, strict=True)}
    return [_wet(one, wet[id(one.found)]) for one in candidates(dry, flash)]


def unwaiting_candidates(every: Sequence[Laid], flash: int | None) -> list[Candidate]:
    """Return the same at the price of zero wait states."""
    return candidates([_as_dry(found) for found in every], flash)


def _as_dry(found: Laid) -> Laid:
    return replace(found, steps=_dry(found))


def _dry(found: Laid) -> tuple[tuple[Weighed, ...], ...]:
    return tuple(tuple(replace(one, waits=0) for one in choices) for choices in found.steps)


def _wet(one: Candidate, found: Laid) -> Candidate:
    waits = sum(
        next(offer.waits for offer in choices if offer.kernel is kernel)
        for choices, kernel in zip(found.steps, one.selection.kernels, strict=True)
    )
    return Candidate(found, replace(one.selection, waits=waits))
