"""What a header of the kernels means does not depend on who includes it.

It is read as text: a macro that it tests or uses is defined by itself, by a header it includes, by
the compiler, or by the flags that a board compiles everything with.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tinyrig.generator.assets import asset_root

_SOURCES = asset_root("kernels") / "src"
_PUBLIC = asset_root("kernels") / "include"
_HEADERS = sorted(_SOURCES.glob("*/*.h"))
_OTHER_BACK_ENDS = {"TR_XPULP_BUILTIN"}
"""Given to a compiler that is no board's: the PULP compilers with builtins of their own."""

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
_DEFINE = re.compile(r"^\s*#\s*define\s+(\w+)", re.MULTILINE)
_TESTED = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)$", re.MULTILINE)
_ENUM = re.compile(r"\benum\s*\w*\s*\{([^}]*)\}")
_USED = re.compile(r"\b(TR_[A-Z0-9_]+)\b(?!\s*##)")


def _text(path: Path) -> str:
    text = _COMMENT.sub(" ", path.read_text(encoding="utf-8"))
    return text.replace("\\\n", " ")


def _included(path: Path) -> set[Path]:
    """The header and all that it includes, itself or through others."""
    found, todo = set[Path](), [path]
    while todo:
        at = todo.pop()
        if at not in found:
            found.add(at)
            names = _INCLUDE.findall(_text(at))
            todo += [
                folder / n for n in names for folder in (_SOURCES, _PUBLIC) if (folder / n).exists()
            ]
    return found


@cache
def _defined(path: Path) -> set[str]:
    text = _text(path)
    enumerators = {name for names in _ENUM.findall(text) for name in re.findall(r"\w+", names)}
    return {*_DEFINE.findall(text), *enumerators}


@cache
def _flags() -> set[str]:
    """Macros that a board's compiler is given for all files."""
    boards = asset_root("platforms").glob("*/board.toml")
    tools = [
        tomllib.loads(path.read_text(encoding="utf-8")).get("toolchain", {}) for path in boards
    ]
    flags = [flag for tool in tools for given in tool.values() for flag in given]
    return {flag[2:].split("=")[0] for flag in flags if flag.startswith("-D")}


def _left_to_includers(path: Path) -> set[str]:
    text = _text(path)
    tested = {name for line in _TESTED.findall(text) for name in re.findall(r"[A-Za-z_]\w*", line)}
    known = set[str]().union(*map(_defined, _included(path)), _flags(), _OTHER_BACK_ENDS)
    left = (tested | set(_USED.findall(text))) - known - {"defined"}
    return {name for name in left if not name.startswith("__")}


@pytest.mark.parametrize("path", _HEADERS, ids=lambda path: path.name)
def test_a_header_means_the_same_wherever_it_is_included(path: Path) -> None:
    assert _left_to_includers(path) == set()


def test_no_kernel_defines_anything_for_what_it_includes() -> None:
    before = {path.name: _text(path).rpartition("#include")[0] for path in _SOURCES.glob("*/*.c")}
    assert {name for name, text in before.items() if _DEFINE.search(text)} == set()
