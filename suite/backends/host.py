"""The generated C of a model as a program of this machine, under sanitizers.

No `Backend`: it takes a project's sources, not an ELF, and has neither board, counts nor report.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tinyrig.generator.emit.project import Project
from tinyrig.generator.errors import (
    BrokenRunError,
    BuildError,
    FirmwareTimeoutError,
    MissingToolError,
)
from tinyrig.generator.graph.graph import Graph

INSTALL = "sudo apt-get install gcc"
_FLAGS = (
    "-std=c11",
    "-O1",
    "-g",
    "-Wall",
    "-Wextra",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    # AddressSanitizer puts no red zone around an object with a section of its own.
    "-Dsection(name)=unused",
)
_SECONDS = 600.0


@dataclass(frozen=True)
class HostProgram:
    """A compiled model; the folder it lies in belongs to the caller."""

    program: Path
    sizes: dict[str, int]

    def run(self, sample: bytes) -> dict[str, bytes]:
        """Return the quantized outputs to a sample; BrokenRunError with the sanitizer's finding."""
        try:
            done = subprocess.run(
                [str(self.program)],
                input=sample,
                capture_output=True,
                # The runtime of AddressSanitizer must come first; nothing may be preloaded.
                env={name: value for name, value in os.environ.items() if name != "LD_PRELOAD"},
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FirmwareTimeoutError(f"The host program ran over {error.timeout:g} s.") from error
        if done.returncode != 0 or len(done.stdout) != sum(self.sizes.values()):
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()[:12]
            raise BrokenRunError(
                f"The host program ended with code {done.returncode}:\n" + "\n".join(said)
            )
        outputs, at = {}, 0
        for name, size in self.sizes.items():
            outputs[name] = done.stdout[at : at + size]
            at += size
        return outputs


def gcc() -> str:
    """Return the compiler; MissingToolError when it is not on PATH."""
    found = shutil.which("gcc")
    if found is None:
        raise MissingToolError(f"gcc is not on PATH. Install it with: {INSTALL}")
    return found


def host_program(project: Project, graph: Graph, folder: Path) -> HostProgram:
    """Compile a project's model and kernels, without its platform, into a folder.

    The project must use portable kernels. BuildError when gcc refuses it.
    """
    compiler = gcc()
    with tempfile.TemporaryDirectory(prefix="tinyrig-host-") as name:
        sources = Path(name)
        for path, text in project.files.items():
            target = sources / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        main = Path(__file__).with_name("host_main.c").read_text(encoding="utf-8")
        (sources / "host_main.c").write_text(main, encoding="utf-8")
        units = (*project.units, *project.clean_units)
        program = folder / "model"
        includes = (path for path in project.include_dirs if not _is_board(path))
        command = (
            compiler,
            *_FLAGS,
            *(f"-I{path}" for path in includes),
            *(unit for unit in units if not unit.startswith("platform/")),
            *("host_main.c", "-o", str(program)),
        )
        done = subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"gcc refuses the model on this machine:\n{done.stderr}")
    sizes = {output: math.prod(graph.tensors[output].shape) for output in graph.outputs}
    return HostProgram(program, sizes)


def _is_board(folder: str) -> bool:
    """Whether an include folder holds what only a microcontroller has."""
    return folder.startswith("platform") and folder != "platform/firmware"
