"""What runs firmware: one small interface, several machines."""

from suite.backends.interface import (
    DEFAULT_BUDGET,
    Backend,
    BootResult,
    CountedCycles,
    Touched,
)
from suite.backends.profile import Accesses, Block, BlockProfile, Flow
from suite.backends.registry import backend, backend_names
from suite.backends.transcript import Check, StepTicks, Transcript, parse_transcript

__all__ = [
    "DEFAULT_BUDGET",
    "Accesses",
    "Backend",
    "Block",
    "BlockProfile",
    "BootResult",
    "Check",
    "CountedCycles",
    "Flow",
    "StepTicks",
    "Touched",
    "Transcript",
    "backend",
    "backend_names",
    "parse_transcript",
]
