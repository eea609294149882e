"""`tinyrig kernels --check` finds a right kernel right, and every kind of wrong one wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import clone_of_a_user as user
import pytest

from tinyrig.generator.errors import BuildError, InputError
from tinyrig.suite.studies.kernels.checking.check import KernelCheck, check_kernels

CALLS = 30


def _checked(home: Path) -> list[KernelCheck]:
    return list(check_kernels(home, CALLS, None, lambda _message: None))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    user.add_kernel(tmp_path / "kernels")
    return tmp_path / "kernels"


def _source(home: Path) -> Path:
    return home / "src" / "m4" / f"{user.KERNEL}.c"


def test_a_right_kernel_is_right_by_every_toolchain(home: Path) -> None:
    found = _checked(home)
    assert {one.toolchain for one in found} >= {"zig"}
    assert all(one.calls == CALLS and one.fault == "" for one in found)


def _off_by_one(text: str) -> str:
    return text.replace("sum >> p->shift", "(sum + 1) >> p->shift")


def _writes_behind(text: str) -> str:
    return re.sub(r"}\n$", "  y[at.offset[2] + 0] = y[at.offset[2] + 0];\n  y[-1] = 0;\n}\n", text)


def _changes_an_input(text: str) -> str:
    return re.sub(r"}\n$", "  ((int8_t *)(uintptr_t)b)[0] ^= 1;\n}\n", text)


def _stops(text: str) -> str:
    return re.sub(r"}\n$", "  __builtin_trap();\n}\n", text)


def _takes_a_register(_text: str) -> str:
    lines = (".syntax unified", ".thumb", ".text", f".global {user.KERNEL}", ".thumb_func")
    code = (f"{user.KERNEL}:", "mov r9, #0", "bx lr", f".type {user.KERNEL}, %function")
    return "__asm__(" + " ".join(f'"{line}\\n"' for line in (*lines, *code)) + ");\n"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (_off_by_one, "differ"),
        (_writes_behind, "before its output"),
        (_changes_an_input, "changed its input 1"),
        (_stops, "stopped at"),
        (_takes_a_register, "registers of its caller's"),
    ],
)
def test_a_wrong_kernel_is_found_out(home: Path, wrong: Callable[[str], str], told: str) -> None:
    source = _source(home)
    source.write_text(wrong(source.read_text()))
    found = _checked(home)
    assert found
    assert all(told in one.fault for one in found), found


def test_a_kernel_that_is_never_legal_is_not_called_right(home: Path) -> None:
    registry = home / "registry.toml"
    registry.write_text(registry.read_text().replace('"a_stride[5] == 1"', '"extent[0] > 9"'))
    assert all("random calls is legal" in one.fault for one in _checked(home))


def test_a_condition_that_names_no_parameter_is_told(home: Path) -> None:
    registry = home / "registry.toml"
    registry.write_text(registry.read_text().replace('"a_stride[5] == 1"', '"width == 1"'))
    assert all("registry entry" in one.fault for one in _checked(home))


def test_what_does_not_compile_is_told_in_the_compilers_words(home: Path) -> None:
    _source(home).write_text("int;\n")
    with pytest.raises(BuildError, match=user.KERNEL):
        _checked(home)


def test_a_folder_without_a_registry_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder of kernels"):
        _checked(tmp_path)
