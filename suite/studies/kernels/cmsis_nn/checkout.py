"""The user's checkout of CMSIS-NN: its headers, and the sources a few functions need."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinyrig.generator.errors import InputError, MissingToolError

_API = Path("Include") / "arm_nnfunctions.h"
_CALL = re.compile(r"\b(arm_\w+)\s*\(")
_DEFINITION = re.compile(r"^(?!static\b)[A-Za-z_][\w \t*]*?\b(arm_\w+)\s*\(", re.MULTILINE)
_REVISION = re.compile(r"\$Revision:\s*V?\.?([\d.]+)")
HOW = (
    "Name a checkout of CMSIS-NN with --cmsis-nn-path DIR. Get one with: "
    "git clone https://github.com/ARM-software/CMSIS-NN"
)


@dataclass(frozen=True)
class Checkout:
    """A folder with CMSIS-NN in it; `open_checkout` makes one."""

    root: Path

    @cached_property
    def version(self) -> str:
        """The API revision its header names, and the commit when the folder is a repository."""
        found = _REVISION.search(_read(self.root / _API))
        words = [found[1]] if found else ["unknown revision"]
        done = subprocess.run(
            ["git", "-C", str(self.root), "rev-parse", "--short", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
        )
        return " ".join([*words, done.stdout.strip()]).strip()

    @cached_property
    def headers(self) -> dict[str, str]:
        """Text of every header by path below the root."""
        return {
            path.relative_to(self.root).as_posix(): _read(path)
            for path in sorted((self.root / "Include").rglob("*.h"))
        }

    @cached_property
    def _files(self) -> dict[str, Path]:
        """Sources by the functions they define."""
        return {
            name: path
            for path in sorted((self.root / "Source").rglob("*.c"))
            for name in _DEFINITION.findall(_read(path))
        }

    def sources(self, functions: Iterable[str]) -> dict[str, str]:
        """Return the text of every source the functions reach, by path below the root.

        What a file calls, it needs. InputError for a function the checkout does not define.
        """
        waiting = list(functions)
        if missing := [name for name in waiting if name not in self._files]:
            raise InputError(f"The CMSIS-NN in {self.root} has no {missing[0]}. {HOW}")
        found: dict[str, str] = {}
        while waiting:
            path = self._files[waiting.pop()]
            key = path.relative_to(self.root).as_posix()
            if key not in found:
                found[key] = _read(path)
                waiting += [name for name in _CALL.findall(found[key]) if name in self._files]
        return dict(sorted(found.items()))


def open_checkout(path: Path | None) -> Checkout:
    """Return the checkout in a folder.

    MissingToolError, with how to get one, without a folder; InputError for one without CMSIS-NN.
    """
    if path is None:
        raise MissingToolError(f"CMSIS-NN is not part of Tinyrig. {HOW}")
    if not (path / _API).is_file():
        raise InputError(f"{path} holds no CMSIS-NN: there is no {_API.as_posix()} in it. {HOW}")
    return Checkout(path.resolve())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"Cannot read {path} of CMSIS-NN: {error}.") from error
