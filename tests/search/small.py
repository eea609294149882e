"""A search that takes seconds."""

from __future__ import annotations

from pathlib import Path

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.search.journal import Trial
from tinyrig.suite.search.judge import Limits
from tinyrig.suite.search.run import explored, load_space
from tinyrig.suite.search.setting import Algorithm, Effort, Setting
from tinyrig.suite.training.data.sources import load_source


def explored_small(
    folder: Path, algorithm: Algorithm, effort: Effort, scheduler: str | None = None
) -> list[Trial]:
    """Return the trials of a search of mcuformer's space, on the digits, in a folder."""
    digits = load_source("digits")
    tools = explored(
        load_space("mcuformer", digits),
        digits,
        load_board("stm32f427"),
        Limits(ram=6_000),
        Setting(algorithm, 3, effort),
        None,
        folder,
        lambda _: None,
        scheduler,
    )
    return tools.journal.trials
