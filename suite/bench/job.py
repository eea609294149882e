"""One job of a matrix: a zoo model on a board, by one compiler and one backend."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

_UNSAFE = re.compile(r"[^A-Za-z0-9_.+-]")


class Job(BaseModel):
    """What is run. `dims` are S, E, P, H of a free block; `options` the words of `--opt`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str
    board: str
    toolchain: str = "zig"
    backend: str = "embedded"
    dims: Mapping[str, int] = Field(default_factory=dict)
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A name that is a safe folder name, the same for the same job."""
        sizes = "".join(f"{key}{value}" for key, value in sorted(self.dims.items()))
        parts = (self.model + (f"-{sizes}" if sizes else ""), self.board, self.toolchain)
        words = (*parts, self.backend, *self.options)
        return "@".join(_UNSAFE.sub("_", word) for word in words)
