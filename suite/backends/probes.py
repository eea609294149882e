"""Debug probes: which are connected, and which one belongs to a board."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tinyrig.generator.errors import ConnectionLostError, InputError, MissingToolError

INSTALL = "python -m pip install pyocd pyserial"
PROBE_VARIABLE = "TINYRIG_PROBE"
"""Names the probe to use: a unique id, or `board=id` pairs between commas."""


@dataclass(frozen=True)
class Probe:
    """A connected probe; `unique_id` is what it is named by, `handle` is pyOCD's."""

    unique_id: str
    description: str
    handle: Any


def need_packages() -> None:
    """Raise MissingToolError, with the line that installs them, without pyOCD or pyserial."""
    for name in ("pyocd", "serial"):
        try:
            import_module(name)
        except ImportError:
            raise MissingToolError(
                f"pyOCD and pyserial are not installed. Install them with: {INSTALL}"
            ) from None


def connected_probes() -> tuple[Probe, ...]:
    """Return every probe pyOCD sees.

    MissingToolError without the packages, ConnectionLostError when its drivers fail.
    """
    need_packages()
    from pyocd.core.exceptions import Error
    from pyocd.core.helpers import ConnectHelper

    try:
        handles = ConnectHelper.get_all_connected_probes(blocking=False)
        return tuple(Probe(one.unique_id, one.description, one) for one in handles)
    except (Error, OSError) as error:
        raise ConnectionLostError(f"The debug probes cannot be listed: {error}.") from error


def need_probes() -> tuple[Probe, ...]:
    """Return the connected probes; MissingToolError when there is none."""
    probes = connected_probes()
    if not probes:
        raise MissingToolError(
            "No debug probe is connected. Plug in the board's; `pyocd list` must show it (on "
            "Linux it needs pyOCD's udev rules: https://github.com/pyocd/pyOCD/tree/main/udev)."
        )
    return probes


def choose_probe(board: str) -> Probe:
    """Return the probe of a board: the one `TINYRIG_PROBE` names, or the only one.

    InputError when several are connected and none is named, or the named one is not there.
    """
    probes = need_probes()
    listed = ", ".join(f"{probe.unique_id} ({probe.description})" for probe in probes)
    wanted = setting_for(PROBE_VARIABLE, board)
    if wanted is None:
        if len(probes) == 1:
            return probes[0]
        raise InputError(
            f"Several debug probes are connected: {listed}. Name the one of {board} in "
            f"{PROBE_VARIABLE}, as a unique id or as {board}=ID."
        )
    for probe in probes:
        if probe.unique_id.lower() == wanted.lower():
            return probe
    raise InputError(f"{PROBE_VARIABLE} names the probe {wanted}; connected: {listed}.")


def setting_for(variable: str, board: str) -> str | None:
    """Return what an environment variable says for a board; None when it says nothing.

    Its value is for every board, or holds `board=value` pairs between commas.
    """
    text = os.environ.get(variable, "").strip()
    if "=" not in text:
        return text or None
    pairs = (part.partition("=") for part in text.split(","))
    values = {name.strip(): value.strip() for name, _, value in pairs}
    return values.get(board) or None
