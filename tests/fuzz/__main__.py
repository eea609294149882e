"""Random networks against ONNX Runtime: `python -m fuzz`, which `.ci/fuzz` calls."""

from __future__ import annotations

import argparse
import math
import sys

from fuzz.campaign import Tally, attempt, campaign
from fuzz.graphs import Recipe
from fuzz.hostility import Damages, damage_files


def main() -> int:
    """Return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog=".ci/fuzz", description=__doc__)
    parser.add_argument("--graphs", type=int, default=100, help="networks to draw")
    parser.add_argument("--seed", type=int, default=0, help="the first network's seed")
    parser.add_argument("--blocks", default="", help="only these blocks of the first network")
    parser.add_argument("--boards", default="stm32f427,stm32h743", help="boards to boot, or none")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin none after these")
    parser.add_argument("--bytes", type=int, default=0, help="files to damage byte by byte")
    parser.add_argument("--fields", type=int, default=0, help="files to damage field by field")
    given = parser.parse_args()
    boards = tuple(filter(None, given.boards.removeprefix("none").split(",")))
    _say(f"seeds from {given.seed} on")
    failures = 0
    if given.blocks:
        failures += _tell(_one(Recipe(given.seed, _numbers(given.blocks)), boards))
    elif given.graphs:
        failures += _tell(campaign(given.seed, given.graphs, boards, given.seconds, _say))
    for kind, count in (("bytes", given.bytes), ("fields", given.fields)):
        if count:
            failures += _tell(damage_files(kind, given.seed, count, given.seconds, _say))
    return 1 if failures else 0


def _numbers(words: str) -> tuple[int, ...]:
    return tuple(map(int, words.split(",")))


def _one(recipe: Recipe, boards: tuple[str, ...]) -> Tally:
    """Run one recipe as it is, without shrinking it further."""
    tally, outcome = Tally(), attempt(recipe, boards)
    tally.add(outcome)
    tally.failures.extend(filter(None, [outcome.wrong]))
    return tally


def _tell(counts: Tally | Damages) -> int:
    """Print counts; return how many failures are among them."""
    sys.stdout.write("".join(f"{line}\n" for line in counts.lines()))
    return len(counts.failures)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
