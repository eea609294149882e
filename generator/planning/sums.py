"""How large the sums of a layer may become."""

from __future__ import annotations

import numpy as np

from tinyrig.generator.planning.call import Call, Table

_LARGEST_INPUT = 128


def sums_fit(call: Call, scale: int) -> bool:
    """Whether `scale` times any sum of a call's int8 weights stays inside int32."""
    weight = call.params["weight"]
    assert isinstance(weight, Table)
    rows = weight.values.reshape(len(weight.values), -1)
    sums = _LARGEST_INPUT * np.abs(rows.astype(np.int64)).sum(axis=1)
    start = call.params.get("start")
    if isinstance(start, Table):
        sums = sums + np.abs(start.values.astype(np.int64))
    return bool((scale * sums < 2**31).all())
