"""The dry run of a real board: what a run would need, looked at without touching the chip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinyrig.generator.errors import TinyrigError
from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends.board_output import serial_port
from tinyrig.suite.backends.debug_link import check_target
from tinyrig.suite.backends.probe_lock import probe_lock
from tinyrig.suite.backends.probes import Probe, choose_probe
from tinyrig.suite.backends.pyocd import CAPABILITIES, power_command


@dataclass(frozen=True)
class Answer:
    """One thing a run on a board needs: what was found, or what to do about it."""

    what: str
    found: str | None
    advice: str = ""


def check_board(board: Board) -> tuple[Answer, ...]:
    """Return what a run on a board would find, in the order it would look.

    InputError for a board that no debug probe is for. The chip itself is only asked by a run: it
    compares the identity register before it flashes.
    """
    debug = board.debug
    if debug is None:
        raise CAPABILITIES.no_board(board)
    try:
        probe = choose_probe(board.name)
    except TinyrigError as error:
        return (Answer("debug probe", None, str(error)),)
    report = "through the probe" if board.uart.is_rtt else None
    return (
        Answer("debug probe", f"{probe.unique_id} ({probe.description})"),
        _asked("free", lambda: _free(probe)),
        _asked("target", lambda: check_target(probe, debug.target)),
        _asked("report", lambda: report or serial_port(board.name, probe.unique_id)),
        Answer("power cycle", " ".join(power_command()) or "none: attempts reset the chip only"),
    )


def _free(probe: Probe) -> str:
    with probe_lock(probe.unique_id, wait=0):
        return "no other run holds it"


def _asked(what: str, ask: Callable[[], str]) -> Answer:
    try:
        return Answer(what, ask())
    except TinyrigError as error:
        return Answer(what, None, str(error))
