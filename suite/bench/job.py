"""One job of a matrix: a zoo model on a board, by one compiler and one backend."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

_UNSAFE = re.compile(r"[^A-Za-z0-9_.+=-]")


def _escaped(unsafe: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in unsafe[0].encode("utf-8", "surrogateescape"))


class Job(BaseModel):
    """What is run. `dims` are S, E, P, H of a free block; `options` the words of `--opt`.

    Of an ONNX file: `calibration` and `data` are .npz files, `dim` and `shape` words of their
    options.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str
    board: str
    toolchain: str = "zig"
    backend: str = "embedded"
    dims: Mapping[str, int] = Field(default_factory=dict)
    options: tuple[str, ...] = ()
    calibration: str | None = None
    data: str | None = None
    dim: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A safe folder name, of this job alone: any character that is not safe is `~` and hex."""
        sizes = "".join(f"{key}{value}" for key, value in sorted(self.dims.items()))
        parts = (self.model + (f"-{sizes}" if sizes else ""), self.board, self.toolchain)
        words = (*parts, self.backend, *self.options)
        return "@".join(_UNSAFE.sub(_escaped, word) for word in words)
