"""The kernels' parameter structs through ctypes, and the cluster they are tested on."""

from __future__ import annotations

import ctypes
import re
from functools import cache
from pathlib import Path
from typing import Any

from tinyrig.generator.assets import asset_root

CLUSTER = Path(__file__).with_name("cluster.c")
"""Cores that take turns, for kernels of a cluster."""

_CTYPES = {"int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32, "int64_t": ctypes.c_int64}
_STRUCT = re.compile(r"typedef struct \{(.*?)\} (\w+);", re.S)
_FIELD = re.compile(r"(const )?(\w+) (\*?)(\w+)(?:\[(\w+)\])?;")


@cache
def structs() -> dict[str, type[ctypes.Structure]]:
    """Every struct of the public headers, read from them so that the two cannot drift."""
    headers = sorted(asset_root("kernels").glob("include/tinyrig/*.h"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in headers)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    defines = dict(re.findall(r"#define (\w+) (\d+)\n", text))
    bodies = {name: body for body, name in _STRUCT.findall(text)}
    known: dict[str, type[ctypes.Structure]] = {}

    def declare(name: str) -> type[ctypes.Structure]:
        if name not in known:
            fields = []
            for _, kind, pointer, field, extent in _FIELD.findall(bodies[name]):
                ctype: Any = ctypes.c_void_p if pointer else _CTYPES.get(kind) or declare(kind)
                if extent:
                    ctype *= int(defines.get(extent, extent))
                fields.append((field, ctype))
            known[name] = type(name, (ctypes.Structure,), {"_fields_": fields})
        return known[name]

    for name in bodies:
        if name.endswith("_params"):
            declare(name)
    return known
