"""What a replay is told as."""

from __future__ import annotations

import math

from rich.text import Text

from tinyrig.suite.studies.capsule.document import Document
from tinyrig.suite.studies.capsule.replay import Compared, Replay


def replay_words(document: Document, found: Replay) -> Text:
    """Return one line for the layer, one for what ran it, and one an output."""
    layer = document.layer
    counted = "" if found.instructions is None else f", {found.instructions:,} instructions"
    lines = [
        f"layer {layer.index}, {layer.name} ({layer.kernel}), of {document.model}, "
        f"sample {document.sample}",
        f"{found.board}, {found.backend} {found.version}, {found.built_by}{counted}",
        *map(_output, found.outputs),
    ]
    return Text("\n".join(lines))


def _output(output: Compared) -> str:
    shape = " x ".join(map(str, output.shape))
    elements, wrong = math.prod(output.shape), output.mismatch
    start = f"{output.tensor} [{shape}]: "
    if wrong is None:
        return f"{start}all {elements:,} elements are equal"
    index = ", ".join(map(str, wrong.index))
    return (
        f"{start}{wrong.count:,} of {elements:,} elements differ, first [{index}]: "
        f"got {wrong.got}, expected {wrong.expected}"
    )
