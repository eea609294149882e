"""The compiled hook: strict C, and the same layout on both sides."""

import ctypes
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from tinyrig.suite.backends.counter import Counter
from tinyrig.suite.toolchain.toolchain import zig_binary

FOLDER = Path(str(resources.files("tinyrig.suite.backends")))
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror")


@pytest.mark.parametrize("source", ["hook.c", "hook_profile.c", "hook_memory.c"])
def test_hook_compiles_without_a_warning(tmp_path: Path, source: str) -> None:
    command = [str(zig_binary()), "cc", "-std=c11", "-O2", *WARNINGS, "-c", str(FOLDER / source)]
    subprocess.run([*command, "-o", "hook.o"], cwd=tmp_path, check=True)


def test_counter_has_the_layout_of_its_twin(tmp_path: Path) -> None:
    names = [name for name, *_ in Counter._fields_]
    offsets = ", ".join(f"(u32)__builtin_offsetof(counter, {name})" for name in names)
    probe = f"const u32 offsets[] = {{{offsets}, (u32)sizeof(counter)}};\n"
    (tmp_path / "probe.c").write_text(f'#include "hook.h"\n{probe}', encoding="utf-8")
    subprocess.run(
        [
            str(zig_binary()),
            "cc",
            "-O2",
            "-shared",
            "-nostdlib",
            f"-I{FOLDER}",
            "probe.c",
            "-o",
            "probe.so",
        ],
        cwd=tmp_path,
        check=True,
    )
    found = (ctypes.c_uint32 * (len(names) + 1)).in_dll(
        ctypes.CDLL(str(tmp_path / "probe.so")), "offsets"
    )
    wanted = [getattr(Counter, name).offset for name in names]
    assert list(found) == [*wanted, ctypes.sizeof(Counter)]
