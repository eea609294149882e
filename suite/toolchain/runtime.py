"""The helper functions a compiler calls for what the core has no instruction for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.toolchain.toolchain import Toolchain


def runtime_library(toolchain: Toolchain, board_flags: tuple[str, ...]) -> bytes:
    """Return zig's compiler runtime (64-bit division, double precision...) as an archive.

    Built once for a set of flags and kept in the cache. BuildError when zig cannot build it.
    """
    key = content_key(("runtime", toolchain.version, *board_flags))
    return Store("runtime", ".a").kept(key, lambda: _built(toolchain, board_flags))


def _built(toolchain: Toolchain, board_flags: tuple[str, ...]) -> bytes:
    zig = Path(toolchain.compile_command[0])
    source = zig.parent / "lib" / "compiler_rt.zig"
    with tempfile.TemporaryDirectory(prefix="tinyrig-runtime-") as name:
        output = Path(name) / "runtime.a"
        command = (
            str(zig),
            "build-lib",
            str(source),
            *board_flags,
            "-OReleaseFast",
            "-fstrip",
            "-ffunction-sections",
            f"-femit-bin={output}",
        )
        toolchain.run(command, Path(name), "Building the compiler runtime")
        return output.read_bytes()
