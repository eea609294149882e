"""One job of a matrix: a zoo model on a board, by one compiler and one backend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

_UNSAFE = re.compile(r"[^A-Za-z0-9_.+=-]")


def _escaped(unsafe: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in unsafe[0].encode("utf-8", "surrogateescape"))


class Job(BaseModel):
    """What is run. `dims` are S, E, P, H of a free block; `options` the words of `--opt`.

    `cores` of a cluster are used and `l1` bytes of its memory, by default all there are.
    `ref_only` leaves the portable kernels alone to choose from.
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
    cores: int | None = None
    l1: int | None = None
    ref_only: bool = False
    calibration: str | None = None
    data: str | None = None
    dim: tuple[str, ...] = ()
    shape: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """A safe folder name, of this job alone: any character that is not safe is `~` and hex."""
        sizes = "".join(f"{key}{value}" for key, value in sorted(self.dims.items()))
        parts = (self.model + (f"-{sizes}" if sizes else ""), self.board, self.toolchain)
        words = (*parts, self.backend, *self.options, *self._switches())
        return "@".join(_UNSAFE.sub(_escaped, word) for word in words)

    def _switches(self) -> Iterator[str]:
        """Yield what is not as usual, as the command line's options say it."""
        if self.cores is not None:
            yield f"cores={self.cores}"
        if self.l1 is not None:
            yield f"l1={self.l1}"
        if self.ref_only:
            yield "ref-only"
