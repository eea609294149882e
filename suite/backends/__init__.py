"""What runs firmware: one small interface, several machines."""

from suite.backends.interface import DEFAULT_BUDGET, Backend, BootResult, Touched
from suite.backends.registry import backend, backend_names
from suite.backends.transcript import Check, StepTicks, Transcript, parse_transcript

__all__ = [
    "DEFAULT_BUDGET",
    "Backend",
    "BootResult",
    "Check",
    "StepTicks",
    "Touched",
    "Transcript",
    "backend",
    "backend_names",
    "parse_transcript",
]
