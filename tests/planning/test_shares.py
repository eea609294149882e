"""How evenly cores share a call: what each of them writes, and how slow memory is read."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import pytest
from kernels.kernel_library import OPTIMISED, build
from kernels.kernel_runs import CANARY, execute, planned
from kernels.window_layers import channels_last, window_layer

from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.generator.planning.tiling.held import slow_cycles
from tinyrig.generator.planning.tiling.shares import unevenness
