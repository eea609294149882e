"""Modelled cycles of an image from the exact counts of its blocks."""

from suite.cycles.model import model_cycles
from suite.cycles.result import BlockCycles, Memory, ModelledCycles

__all__ = ["BlockCycles", "Memory", "ModelledCycles", "model_cycles"]
