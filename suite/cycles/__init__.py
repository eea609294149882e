"""Modelled cycles of an image from the exact counts of its blocks."""

from tinyrig.suite.cycles.board_term import with_board_memory
from tinyrig.suite.cycles.model import Explain, explainer, model_cycles
from tinyrig.suite.cycles.result import BlockCycles, IssuedInstruction, Memory, ModelledCycles

__all__ = [
    "BlockCycles",
    "Explain",
    "IssuedInstruction",
    "Memory",
    "ModelledCycles",
    "explainer",
    "model_cycles",
    "with_board_memory",
]
