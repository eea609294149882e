"""Modelled cycles remembered: the same image and flows under the same model are modelled once."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from tinyrig.generator.assets import roots
from tinyrig.suite.cycles.model import model_cycles
from tinyrig.suite.cycles.result import BlockCycles, ModelledCycles
from tinyrig.suite.cycles.tables import timing_files
from tinyrig.suite.files.store import Store, content_key
from tinyrig.suite.records.profile import Block, BlockProfile
from tinyrig.suite.toolchain import Image


def cached_cycles(profile: BlockProfile, image: Image, core: str) -> ModelledCycles:
    """Return what `model_cycles` returns, from the cache when it was asked before."""
    kept = Store("cycles", ".json")
    key = content_key(("cycles", core, image.sha256, model_key(), repr(_flows(profile))))
    raw = kept.load(key)
    if raw is not None:
        return _restored(json.loads(raw))
    modelled = model_cycles(profile, image, core)
    kept.save(key, json.dumps(asdict(modelled)).encode())
    return modelled


def _flows(profile: BlockProfile) -> list[Any]:
    return [
        (step, flow.origin, flow.to, flow.count, flow.registers)
        for step, flows in profile.flows.items()
        for flow in flows
    ]


def model_key() -> str:
    """Return a digest of the models' code and numbers."""
    return _model_key(roots())


@cache
def _model_key(_roots: tuple[Path, ...]) -> str:
    """Digest of the models' code and numbers: a changed model remembers nothing."""
    code = sorted(Path(__file__).parent.glob("*.py"))
    return content_key(path.read_bytes() for path in (*timing_files(), *code))


def _restored(raw: dict[str, Any]) -> ModelledCycles:
    blocks = tuple(
        BlockCycles(**(entry | {"block": Block(**entry["block"])})) for entry in raw["blocks"]
    )
    return ModelledCycles(**(raw | {"blocks": blocks}))
