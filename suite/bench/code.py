"""Digests of code that comments do not change."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from pathlib import Path

from tinyrig.suite.bench.sources import text_digest
from tinyrig.suite.files.store import content_key

_C_SUFFIXES = frozenset((".c", ".h", ".S", ".s"))


def python_code(text: str) -> str:
    """Return what a Python module does, written out without comments and docstrings."""
    tree = ast.parse(text)
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def code_key(paths: Iterable[Path], root: Path, extra: Sequence[str] = ()) -> str:
    """Return a digest of source files, by their path below `root`, and of `extra` words.

    Files that are neither C nor Python count as they are.
    """
    parts: list[str | bytes] = list(extra)
    for path in sorted(paths):
        parts += [path.relative_to(root).as_posix(), _meaning(path)]
    return content_key(parts)


def _meaning(path: Path) -> str | bytes:
    if path.suffix == ".py":
        return python_code(path.read_text(encoding="utf-8"))
    if path.suffix in _C_SUFFIXES:
        return text_digest(path.read_text(encoding="utf-8"))
    return path.read_bytes()
