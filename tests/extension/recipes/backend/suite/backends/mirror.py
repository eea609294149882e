"""What the embedded emulator does, under another name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tinyrig.generator.planning.board import Board
from tinyrig.suite.backends import embedded
from tinyrig.suite.backends.interface import Backend, BootResult
from tinyrig.suite.toolchain import Image

CAPABILITIES = replace(embedded.CAPABILITIES, name="mirror", purpose="an example")


class Mirror:
    """A backend that asks another."""

    name = "mirror"
    capabilities = CAPABILITIES

    def __init__(self) -> None:
        self._other = embedded.load()
        self.version = self._other.version

    def run(self, image: Image, board: Board, **how: Any) -> BootResult:
        """Boot an image to its verdict."""
        return replace(self._other.run(image, board, **how), backend=self.name)


def load() -> Backend:
    """Return the backend."""
    return Mirror()
