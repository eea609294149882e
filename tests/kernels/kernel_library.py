"""The kernel library compiled for the host, and its structs and functions through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinyrig.suite.studies.kernels.checking.structs import CLUSTER, structs

ROOT = Path(__file__).resolve().parents[2] / "kernels"
INCLUDES = tuple(f"-I{ROOT / folder}" for folder in ("include", "src"))
SANITIZED = "TINYRIG_SANITIZED_KERNELS"
OPTIMISED = ("-O1",)
"""Enough of optimisation to be quick; what each board runs is compiled as it is shipped."""
SANITIZERS = ("-O0", "-fsanitize=address,undefined", "-fsanitize-undefined-trap-on-error")
"""What is undefined ends in SIGILL, told by no words, for those would take half as long again."""


def build(folder: Path, flags: Sequence[str], *kernels: str) -> Path:
    """Compile kernels, all of them or those of some patterns, into a shared object: with gcc, or
    with zig where gcc is missing."""
    compiler = ["gcc"] if shutil.which("gcc") else [sys.executable, "-m", "ziglang", "cc"]
    library = folder / "libtinyrig.so"
    warnings = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
    patterns = kernels or ("src/*/*.c",)
    sources = sorted(str(path) for pattern in patterns for path in ROOT.glob(pattern))
    sources.append(str(CLUSTER))
    threads = "-DCLUSTER_OF_THREADS=_Thread_local"
    options = ["-std=c11", "-shared", "-fPIC", threads, *flags, *warnings, *INCLUDES]
    subprocess.run([*compiler, *options, *sources, "-o", str(library)], check=True)
    return library


def fill(struct: ctypes.Structure, values: Mapping[str, Any], keep: list[Any]) -> None:
    """Write parameters into a struct; arrays that pointers refer to are appended to `keep`."""
    names = [name for name, *_ in struct._fields_]
    assert sorted(names) == sorted(values), f"{type(struct).__name__}: {names} != {list(values)}"
    for name, value in values.items():
        current = getattr(struct, name)
        if isinstance(value, Mapping):
            fill(current, value, keep)
        elif isinstance(value, np.ndarray):
            table = np.ascontiguousarray(value)
            keep.append(table)
            setattr(struct, name, table.ctypes.data)
        elif isinstance(value, list):
            current[:] = value
        else:
            setattr(struct, name, value)


def prepare(
    library: ctypes.CDLL, name: str, op: str, params: Mapping[str, Any], pointers: Sequence[int]
) -> Callable[[], None]:
    """Return what calls kernel `name` with the parameter struct of its operator and addresses."""
    keep: list[Any] = []
    struct = structs()[f"tr_{op}_params"]()
    fill(struct, params, keep)
    function = getattr(library, name)
    function.restype = None
    function.argtypes = [ctypes.c_void_p] * (1 + len(pointers))

    def called(keep: Sequence[Any] = keep) -> None:
        function(ctypes.addressof(struct), *pointers)

    return called


def call(
    library: ctypes.CDLL, name: str, op: str, params: Mapping[str, Any], pointers: Sequence[int]
) -> None:
    """Call kernel `name` with the parameter struct of its operator and the given addresses."""
    prepare(library, name, op, params, pointers)()


def together(library: ctypes.CDLL, cores: int, one: Callable[[], None]) -> None:
    """Call `one` as every core of a cluster at a time, each a thread that waits at barriers.

    A barrier to which a core never comes breaks after seconds, and the call fails.
    """
    barrier = threading.Barrier(cores, timeout=20)
    failed = []

    def play(core: int) -> None:
        library.cluster_become(core, cores)
        one()

    def wait() -> None:
        try:
            barrier.wait()
        except threading.BrokenBarrierError as error:
            failed.append(error)

    function = ctypes.CFUNCTYPE(None)(wait)
    library.cluster_wait_by(function)
    threads = [threading.Thread(target=play, args=(core,)) for core in range(cores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    library.cluster_wait_by(None)
    assert not failed, "a core waits at a barrier that another never comes to"
