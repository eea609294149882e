"""Where GVSoC is on this machine, and whether it works."""

from __future__ import annotations

import functools
import os
import shutil
import struct
import tempfile
from pathlib import Path

from tinyrig.generator.errors import MissingToolError
from tinyrig.suite.backends.gvsoc_revision import sources_of
from tinyrig.suite.backends.process import Ending, Finished, run_until

TARGETS = ("pulp-open", "siracusa")
"""The targets of boards, of which an install has one at least."""

COMMIT = "209c147"
"""The GVSoC this backend is written for."""

PACKAGES = "pexpect prettytable psutil pyelftools rich six typing_extensions"
"""What its Python needs to describe a target, when it is built and whenever it runs."""

INSTALL = (
    f"python -m pip install {PACKAGES} && "
    f"git clone https://github.com/gvsoc/gvsoc && cd gvsoc && git checkout {COMMIT} && "
    f"make all TARGETS='{' '.join(TARGETS)}' && export GVSOC_INSTALL_DIR=$PWD/install"
)
LAUNCHER = "gvsoc_launcher"
CONFIGURATION = "gvsoc_config.json"
BINARY = "firmware.elf"
_PROBE_SECONDS = 10.0
_PREPARE_SECONDS = 60.0


def find_gvsoc() -> Path:
    """Return the program: of $GVSOC_INSTALL_DIR, else of PATH.

    MissingToolError, with the lines that install it, when there is none.
    """
    root = os.environ.get("GVSOC_INSTALL_DIR")
    if root:
        program = Path(root) / "bin" / "gvsoc"
        if not program.is_file():
            raise MissingToolError(f"GVSOC_INSTALL_DIR is {root}, which holds no bin/gvsoc.")
        return program.absolute()
    on_path = shutil.which("gvsoc")
    if on_path is None:
        raise MissingToolError(
            f"GVSoC is neither in GVSOC_INSTALL_DIR nor on PATH. Install it with: {INSTALL}"
        )
    return Path(on_path).absolute()


@functools.cache
def gvsoc_version(program: Path) -> str:
    """Return what an install was built from."""
    root = program.parent.parent
    models = (*root.glob("models/*.so"), *root.glob("lib/*.so"))
    return sources_of(root, (program.parent / LAUNCHER, *models))


def check_install(program: Path) -> None:
    """Raise MissingToolError unless an install runs a target."""
    *others, last = TARGETS
    for target in others:
        try:
            configuration(program, target)
        except MissingToolError:
            continue
        return
    configuration(program, last)


@functools.cache
def configuration(program: Path, target: str) -> str:
    """Return the description of a target, as GVSoC prints it for `BINARY` beside it.

    MissingToolError when the install does not have the target or does not start.
    """
    with tempfile.TemporaryDirectory(prefix="tinyrig-gvsoc-") as name:
        folder = Path(name)
        (folder / BINARY).write_bytes(_exit_at_once())
        command = [str(program), f"--target={target}", "--work-dir=.", f"--binary={BINARY}"]
        finished = run_until(
            [*command, "prepare"], folder, seconds=_PREPARE_SECONDS, done=lambda: False
        )
        made = folder / CONFIGURATION
        if not made.is_file():
            raise MissingToolError(_unusable(program, target, finished))
        text = made.read_text(encoding="utf-8")
        # A target that is described can still lack its models.
        finished = launch(program, folder, _PROBE_SECONDS)
        if finished.ending is not Ending.EXITED or finished.code != 0:
            raise MissingToolError(_unusable(program, target, finished))
    return text


def launch(
    program: Path,
    folder: Path,
    seconds: float,
    busy_seconds: float | None = None,
    limit: int = 1 << 23,
) -> Finished:
    """Simulate what a folder holds, until it ends or says more than `limit` bytes; `run_until`
    has the limits of time."""
    said = folder / "messages.txt"
    launcher = str(program.parent / LAUNCHER)
    return run_until(
        [launcher, f"--config={CONFIGURATION}"],
        folder,
        seconds=seconds,
        done=lambda: said.is_file() and said.stat().st_size > limit,
        busy_seconds=busy_seconds,
    )


def _unusable(program: Path, target: str, finished: Finished) -> str:
    return (
        f"GVSoC in {program} does not run the target {target}:\n{finished.tail(4)}\n"
        f"Install it anew with: {INSTALL}"
    )


def _exit_at_once() -> bytes:
    """Return an ELF for `TARGETS` whose only act is to end the simulation."""
    entry, header, entries = 0x1C010000, 52, 32
    code = struct.pack("<4I", 0x1A104537, 0x800005B7, 0x0AB52023, 0x0000006F)
    at = header + entries
    identity = b"\x7fELF\x01\x01\x01" + bytes(9)
    fields = (2, 243, 1, entry, header, 0, 0, header, entries, 1, 0, 0, 0)
    segment = (1, at, entry, entry, len(code), len(code), 5, 4)
    return identity + struct.pack("<2H5I6H", *fields) + struct.pack("<8I", *segment) + code
