"""What runs firmware: one small interface, several machines."""

from tinyrig.suite.backends.capabilities import DEFAULT_BUDGET
from tinyrig.suite.backends.interface import Backend, BootResult, Touched
from tinyrig.suite.backends.registry import backend, backend_names
from tinyrig.suite.backends.transcript import Check, StepTicks, Transcript, parse_transcript
from tinyrig.suite.records.profile import Accesses, Block, BlockProfile, CountedCycles, Flow

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
