"""The compiled hook: its shared state, and the library built on first use."""

from __future__ import annotations

import ctypes
import enum
import functools
from pathlib import Path

from tinyrig.suite.backends.host_library import host_library
from tinyrig.suite.backends.outcome import REGIONS

NO_STEP = 0xFFFFFFFF
NO_BLOCK = 0xFFFFFFFF
MISS_KINDS = 4
_POINTER = ctypes.c_void_p
_HOOK = ("hook.h", "hook.c", "hook_profile.c", "hook_memory.c")


class Stop(enum.IntEnum):
    """Why the hook ended a run; `enum stop_reason` in hook.h."""

    RUNNING = 0
    HALTED = 1
    BUDGET_SPENT = 2
    UART_FULL = 3
    MARKERS_OUT_OF_ORDER = 4
    BAD_ACCESS = 5
    EXCEPTION = 6
    MISALIGNED = 7
    PROFILE_FULL = 8


class Mark(enum.IntEnum):
    """What starts at a marked address; `enum mark` in hook.h."""

    BODY = 1
    REGION_BEGIN = 2
    REGION_END = 3
    STEP_BEGIN = 4
    STEP_END = 5
    MAIN = 6
    HALT = 7


class Edge(ctypes.Structure):
    """The twin of `edge` in hook.h."""

    _fields_ = (
        ("count", ctypes.c_uint64),
        ("step", ctypes.c_uint32),
        ("origin", ctypes.c_uint32),
        ("to", ctypes.c_uint32),
        ("origin_bytes", ctypes.c_uint16),
        ("to_bytes", ctypes.c_uint16),
        ("registers", ctypes.c_uint32 * 14),
        ("misses", ctypes.c_uint32 * MISS_KINDS),
    )


class Cache(ctypes.Structure):
    """The twin of `cache` in hook.h."""

    _fields_ = (
        ("lines", _POINTER),
        ("shift", ctypes.c_uint32),
        ("sets", ctypes.c_uint32),
        ("ways", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
    )


class Load(ctypes.Structure):
    """The twin of `load` in hook.h."""

    _fields_ = (
        ("base", ctypes.c_uint8),
        ("index", ctypes.c_uint8),
        ("shift", ctypes.c_uint8),
        ("reserved", ctypes.c_uint8),
        ("bytes", ctypes.c_uint16),
        ("reserved_too", ctypes.c_uint16),
        ("offset", ctypes.c_uint32),
    )


class Access(ctypes.Structure):
    """The twin of `access` in hook.h."""

    _fields_ = (("misaligned", ctypes.c_uint32), ("areas", ctypes.c_uint32))


class Counter(ctypes.Structure):
    """The twin of `counter` in hook.h."""

    _fields_ = (
        *(
            (name, _POINTER)
            for name in (
                "emu_stop",
                "reg_read",
                "reg_write",
                "code",
                "ram_code",
                "blocks",
                "marks",
                "uart",
                "steps",
                "arena",
                "arena_before",
                "arena_reads",
                "arena_writes",
                "step_touches",
                "edges",
                "accesses",
                "current",
                "first_loads",
                "loads",
            )
        ),
        ("fetches", Cache),
        ("reads", Cache),
        ("external_reads", Cache),
        ("budget", ctypes.c_uint64),
        ("executed", ctypes.c_uint64),
        ("region", ctypes.c_uint64 * REGIONS),
        *(
            (name, ctypes.c_uint32)
            for name in (
                "code_base",
                "code_size",
                "ram_code_base",
                "ram_code_size",
                "uart_base",
                "uart_status",
                "uart_data",
                "uart_capacity",
                "uart_length",
                "step_count",
                "step",
                "steps_seen",
                "regions_begun",
                "regions_ended",
                "in_main",
                "stop",
                "stop_address",
                "arena_base",
                "arena_size",
                "stack_floor",
                "stack_top",
                "lowest_stack_write",
                "fault_kind",
                "fault_size",
                "edge_capacity",
                "edges_used",
                "last_block",
                "last_bytes",
                "reached",
                "conditional",
                "touch_rows",
                "ram_base",
                "ram_end",
                "static_base",
                "static_end",
                "copied_base",
                "copied_end",
                "strays",
                "first_stray",
                "load_capacity",
                "loads_used",
                "code_used",
                "external_base",
                "external_used",
            )
        ),
    )


@functools.cache
def hook_library() -> ctypes.CDLL:
    """Return the compiled hook, building it when the cache has none; BuildError on failure."""
    return ctypes.CDLL(str(host_library(*_HOOK)))


def hook_sources() -> tuple[Path, ...]:
    """Return the files the hook is made of."""
    return tuple(Path(__file__).with_name(name) for name in _HOOK)
