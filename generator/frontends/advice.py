"""What to do about an ONNX operator that does not run, as `operators.toml` has it."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from types import MappingProxyType

from tinyrig.generator.assets import asset_root

GENERAL = "Run it outside the model, or write it with operators that run."


@functools.cache
def refused_operators() -> Mapping[str, str]:
    """Return the way out of each operator that has one of its own."""
    text = (asset_root("generator") / "frontends" / "operators.toml").read_text(encoding="utf-8")
    groups = tomllib.loads(text)["refused"]
    return MappingProxyType({op: group["way_out"] for group in groups for op in group["operators"]})
