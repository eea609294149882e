"""C sources of this package compiled for this machine, once for a source and a compiler."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata, resources
from pathlib import Path

from tinyrig.generator.errors import BuildError
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.toolchain.toolchain import zig_binary, zig_environment

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


def host_library(*files: str, flags: Sequence[str] = ()) -> Path:
    """Return the shared library of C files of this package, named with their own headers.

    They need no header of the system. Built when the cache has none. BuildError with the
    compiler's message when that fails.
    """
    package = resources.files("tinyrig.suite.backends")
    texts = {name: package.joinpath(name).read_text(encoding="utf-8") for name in files}
    options = (*_FLAGS, *flags)
    parts = (*texts, *texts.values(), metadata.version("ziglang"), platform.machine(), *options)
    libraries, key = Store("host", ".so"), content_key(parts)
    # What stands behind the library in its file, no loader reads.
    path = libraries.path(key)
    if path is None:
        libraries.save(key, _compiled(texts, options))
        path = libraries.path(key)
        if path is None:
            raise BuildError("The library for this machine is gone from the cache as it is made.")
    return path


def _compiled(texts: Mapping[str, str], options: Sequence[str]) -> bytes:
    units = [name for name in texts if name.endswith(".c")]
    zig = zig_binary()
    with tempfile.TemporaryDirectory(prefix="tinyrig-host-") as name:
        folder = Path(name)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
        done = subprocess.run(
            [str(zig), "cc", *options, *units, "-o", "library.so"],
            cwd=folder,
            env={**os.environ, **zig_environment(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BuildError(
                f"Compiling {', '.join(units)} for this machine failed:\n{done.stderr}"
            )
        return (folder / "library.so").read_bytes()
