"""What a plan takes, against the limits it was asked to keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tinyrig.generator.errors import FitError
from tinyrig.generator.options import Options
from tinyrig.generator.planning.plan import Plan
from tinyrig.generator.planning.search.space import Space


@dataclass(frozen=True)
class Takes:
    """Bytes of arena and of what is copied to RAM; bytes of weights and tables; predicted cycles,
    waits for the board's flash among them where a plan is chosen by those."""

    ram: int
    flash: int
    cycles: int

    @property
    def words(self) -> str:
        """The figures as a clause."""
        return f"{self.ram} bytes of RAM, {self.flash} bytes of flash and {self.cycles} cycles"


def takes(plan: Plan) -> Takes:
    """Return what a plan takes."""
    copied = sum(one.size for one in (plan.copies, plan.code) if one)
    flash = plan.flash_bytes("weights") + plan.flash_bytes("tables")
    return Takes(plan.clean.size + copied, flash, plan.cycles + plan.left)


@dataclass(frozen=True)
class Limit:
    """A limit by the option's name, and by how many times a plan's figure exceeds it."""

    option: str
    most: int
    excess: float


def broken(found: Takes, options: Options) -> Iterator[Limit]:
    """Yield every limit that figures do not keep."""
    pairs = (
        ("--max-ram", options.max_ram, found.ram),
        ("--max-flash", options.max_flash, found.flash),
        ("--max-cycles", options.max_cycles, found.cycles),
    )
    for option, most, figure in pairs:
        if most and figure > most:
            yield Limit(option, most, figure / most)


def check_limits(space: Space, plan: Plan) -> None:
    """Raise FitError when a plan does not keep a limit."""
    if any(True for _ in broken(takes(plan), space.options)):
        raise limit_error(space, [takes(plan)])


def limit_error(space: Space, every: Sequence[Takes]) -> FitError:
    """Return the error that names the limit that cannot be met, and the nearest of some plans."""
    options = space.options
    nearest = min(every, key=lambda one: max((b.excess for b in broken(one, options)), default=0))
    worst = max(broken(nearest, options), key=lambda limit: limit.excess)
    given = [limit for limit in ("max_ram", "max_flash", "max_cycles") if getattr(options, limit)]
    alone = all(any(b.option == worst.option for b in broken(one, options)) for one in every)
    why = "" if alone or len(given) < 2 else " together with the other limits"
    return FitError(
        f"No plan of {space.graph.name!r} on board {space.board.name!r} keeps {worst.option} "
        f"{worst.most}{why}. The nearest plan takes {nearest.words}."
    )
