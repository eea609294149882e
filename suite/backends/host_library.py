"""C sources of this package compiled for this machine, once for a source and a compiler."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from importlib import metadata, resources
from pathlib import Path

from generator.errors import BuildError
from suite.build.cache import cache_root, content_key, store
from suite.build.toolchain import zig_binary, zig_environment

# The baseline CPU, because several machines may share one cache.
_FLAGS = (
    "-mcpu=baseline",
    "-O2",
    "-g0",
    "-shared",
    "-fPIC",
    "-nostdlib",
    "-fno-sanitize=undefined",
)


def host_library(source: str, *flags: str) -> Path:
    """Return the shared library of a header-free C file of `suite.backends`.

    Built when the cache has none. BuildError with the compiler's message when that fails.
    """
    text = resources.files("suite.backends").joinpath(source).read_text(encoding="utf-8")
    zig = zig_binary()
    libraries = store("host", ".so")
    options = (*_FLAGS, *flags)
    key = content_key((source, text, metadata.version("ziglang"), platform.machine(), *options))
    path = libraries.path(key)
    if not path.is_file():
        with tempfile.TemporaryDirectory(prefix="tinyrig-host-") as name:
            folder = Path(name)
            (folder / source).write_text(text, encoding="utf-8")
            done = subprocess.run(
                [str(zig), "cc", *options, source, "-o", "library.so"],
                cwd=folder,
                env={**os.environ, **zig_environment(cache_root())},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                raise BuildError(f"Compiling {source} for this machine failed:\n{done.stderr}")
            libraries.save(key, (folder / "library.so").read_bytes())
    return path
