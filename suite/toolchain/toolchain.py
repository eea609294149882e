"""Compilers that turn a generated project into an ELF."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from tinyrig.generator.errors import BuildError, InputError, MissingToolError
from tinyrig.generator.planning.board import Board
from tinyrig.generator.planning.board_tools import Compiler

COMMON_FLAGS = (
    "-std=c11",
    "-O3",
    "-g0",
    "-fomit-frame-pointer",
    "-ffunction-sections",
    "-fdata-sections",
    "-falign-functions=8",  # what is fetched at once, and so cycles, are the same wherever it lies
    "-fno-common",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-fno-stack-protector",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Wno-unused-command-line-argument",
)
_MARKERS = ("tr_region_begin", "tr_region_end", "tr_halt")
_FOLDING = ("--icf=all", *(f"--keep-unique={name}" for name in _MARKERS))
"""One body for functions whose code is the same: kernels share much. Markers are told apart."""


@dataclass(frozen=True)
class Toolchain:
    """A compiler and its linker.

    `compile_command` and `link_command` are argument prefixes; `flags` the compile flags and
    `link_options` the linker's that hold for every board. `link_tail` ends the link line. `runtime`
    tells whether the linker needs the compiler's helper library passed (it is built on first need).
    """

    name: str
    version: str
    compile_command: tuple[str, ...]
    link_command: tuple[str, ...]
    flags: tuple[str, ...] = COMMON_FLAGS
    link_options: tuple[str, ...] = ()
    link_tail: tuple[str, ...] = ()
    link_takes_board_flags: bool = False
    builds_runtime: bool = False

    def board_flags(self, board: Board) -> tuple[str, ...]:
        """Return the board's own flags; InputError when it names none for this toolchain."""
        try:
            return board.toolchain[self.name]
        except KeyError:
            raise InputError(f"Board {board.name} has no flags for {self.name}.") from None

    def link_flags(self, board: Board, flags: Sequence[str]) -> tuple[str, ...]:
        """Return what the link command takes before its script, `flags` of the linker included."""
        if self.link_takes_board_flags:
            return (*self.board_flags(board), *(f"-Wl,{flag}" for flag in flags))
        return ("-m", board.compiler.lld, *flags)

    def join_command(self, board: Board) -> tuple[str, ...]:
        """Return what joins objects before they are linked, every function apart; () where nothing
        is to be joined."""
        if not (board.compiler.relaxes and self.link_options):
            return ()
        return (*self.link_command, "-m", board.compiler.lld, "-r", "--unique")

    def compile_flags(self, board: Board) -> tuple[str, ...]:
        """Return all flags of a compilation but the includes."""
        return (*self.board_flags(board), *self.flags)

    def run(self, arguments: Sequence[str], folder: Path, what: str) -> None:
        """Run a tool in a folder; BuildError with its message when it fails."""
        try:
            done = subprocess.run(
                arguments,
                cwd=folder,
                env={**os.environ, **zig_environment(folder)},
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise BuildError(f"Cannot start {arguments[0]}: {error.strerror}.") from error
        if done.returncode != 0:
            raise BuildError(f"{what} failed with {self.name} {self.version}:\n{done.stderr}")


def load_toolchain(name: str, compiler: Compiler | None = None) -> Toolchain:
    """Return a toolchain: `zig` (clang of the ziglang wheel) or `gcc` (from PATH).

    `compiler` is a board's, by default that of the Cortex-M boards.

    InputError for another name; MissingToolError, with the line that installs it, when it is
    not there.
    """
    if name == "zig":
        return _zig()
    if name == "gcc":
        return _gcc(compiler or Compiler())
    raise InputError(f"Unknown toolchain {name!r}. Known toolchains: zig, gcc.")


def toolchain_names() -> tuple[str, ...]:
    """Return the names `load_toolchain` knows, the default first."""
    return ("zig", "gcc")


def zig_binary() -> Path:
    """Return the compiler of the ziglang wheel; MissingToolError when it is not installed."""
    try:
        import ziglang
    except ImportError:
        raise MissingToolError(
            "The compiler zig is not installed. Install it with: pip install ziglang==0.17.0"
        ) from None
    folder = Path(ziglang.__file__).parent
    for name in ("zig", "zig.exe"):
        if (folder / name).is_file():
            return folder / name
    raise MissingToolError(
        f"The ziglang package in {folder} has no compiler. "
        "Install it anew with: pip install --force-reinstall ziglang==0.17.0"
    )


def zig_environment(folder: Path) -> dict[str, str]:
    """Return the variables that keep zig's own caches in a folder, which is best a fresh one.

    zig believes what it finds there; ours has what it made before, and proves it.
    """
    cache = str(folder / ".zig-cache")
    return {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}


@functools.cache
def _zig() -> Toolchain:
    zig = str(zig_binary())
    return Toolchain(
        name="zig",
        version=metadata.version("ziglang"),
        compile_command=(zig, "cc"),
        link_command=(zig, "ld.lld"),
        # zig takes the bare target for -ffreestanding, which turns every 4-byte memcpy of a
        # kernel into a call; -fhosted makes it the single load it is with other compilers.
        flags=(*COMMON_FLAGS, "-fhosted", "-fno-sanitize=undefined"),
        link_options=_FOLDING,
        builds_runtime=True,
    )


def _gcc(compiler: Compiler) -> Toolchain:
    gcc = shutil.which(compiler.gcc)
    if gcc is None:
        raise MissingToolError(
            f"{compiler.gcc} is not on PATH. Install it with: "
            f"sudo apt-get install {compiler.gcc_package}"
        )
    return _gcc_at(gcc)


@functools.cache
def _gcc_at(gcc: str) -> Toolchain:
    version = subprocess.run(
        [gcc, "-dumpfullversion"], capture_output=True, text=True, check=True
    ).stdout.strip()
    return Toolchain(
        name="gcc",
        version=version,
        compile_command=(gcc,),
        link_command=(gcc, "-nostdlib", "-nostartfiles"),
        link_tail=("-lgcc",),
        link_takes_board_flags=True,
    )
