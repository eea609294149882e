"""asv: modelled cycles of every row of `tinyrig bench kernels`, a commit at a time.

What holds for `track_matrix` holds here: the rows' names stand in this file.
"""

from __future__ import annotations

from collections.abc import Mapping

BOARDS = ("stm32f427", "stm32h743")
ROWS = (
    "linear 84x256x32",
    "linear 84x32x256",
    "linear 84x256x32, 8-bit weights",
    "matmul 84x256x32",
    "matmul 84x32x256",
    "linear 66x192x192, 0.3 of its 4 blocks",
    "linear 66x192x192, 0.5 of its 4 blocks",
    "linear 66x192x192, 0.3 of its 2 blocks",
    "linear 66x192x192, 0.3 of its 2x4 blocks",
    "linear 66x192x192, 0.5 of its 2x4 blocks",
    "linear 83x249x31",
    "linear 82x250x31",
    "linear 83x251x31",
    "linear 82x252x31",
    "linear 83x253x31",
    "linear 82x254x31",
    "linear 83x255x31",
    "linear 82x31x253",
    "matmul 83x253x31",
    "matmul 82x31x253",
    "softmax 81x81",
    "softmax deferred, eegformer-mhsa",
    "layernorm 81x32",
    "layernorm 81x128",
    "unary 81x128",
    "add 81x128",
    "add of two scales 16x16x32",
    "mul 81x128",
    "transpose 81x128",
    "pad 81x128",
    "concat 81x128",
    "resize 81x128",
    "max 81x128",
    "conv 3x3 16>16 16x16",
    "conv 3x3 s1 16>16 32x32",
    "conv 3x3 s1 32>32 16x16",
    "conv 3x3 s1 64>64 8x8",
    "conv 3x3 s2 16>32 32x32",
    "conv 3x3 s2 32>64 16x16",
    "pointwise 32>64 8x8",
    "conv 1-D 9 16>16 198",
    "depthwise 3x3 32 16x16",
    "pointwise 16>32 24x24",
    "pointwise 32>32 16x16",
    "pointwise 64>64 12x12",
    "first 3x3 s2 3>8 96x96",
    "first 3x3 3>16 32x32",
    "first 10x4 s2 1>64 49x10",
    "depthwise 3x3 s1 48x48x8",
    "depthwise 3x3 s1 16x16x128",
    "depthwise 3x3 s1 25x5x64",
    "depthwise 3x3 s1 12x12x64",
    "depthwise 3x3 s1 6x6x128",
    "depthwise 3x3 s2 48x48x16",
    "depthwise 3x3 s2 24x24x32",
    "depthwise 3x3 s2 12x12x64",
    "depthwise 3x3 s1 24x24x32",
    "depthwise 5x5 s1 24x24x32",
    "depthwise 5x5 s2 24x24x32",
    "depthwise 7x7 s1 24x24x32",
    "depthwise 7x7 s2 24x24x32",
    "maxpool 2x2 32 16x16",
    "avgpool 2x2 32 16x16",
    "avgpool 3x3 32 16x16",
    "mean 64x32",
    "reduce max 64x32",
    "reduce max 81x128 by rows",
    "argmax 81x128",
    "divide 81x128",
    "divide 81x128 by rows",
    "resize linear 32 16x16 to 32x32",
    "eegformer-mhsa",
    "ecgformer-mhsa",
    "trformer-mhsa",
)

Cycles = Mapping[tuple[str, str], int]
"""By row and board."""


def setup_cache() -> Cycles:
    """Measure every row once a commit; a commit without them measures nothing."""
    try:
        from tinyrig.generator.planning.board import load_board
        from tinyrig.suite.backends.registry import backend
        from tinyrig.suite.studies.kernels.bench import measure
        from tinyrig.suite.studies.kernels.rows import rows
        from tinyrig.suite.toolchain.toolchain import load_toolchain
    except ImportError:
        return {}
    found = {}
    for board in BOARDS:
        target = load_board(board)
        for measured in measure(rows(), target, backend("embedded"), load_toolchain("zig")):
            # Commits from before rows of single functions only have cycles of whole inferences.
            found[measured.row.name, board] = getattr(measured, "total", measured.cycles.total)
    return found


setup_cache.timeout = 1800  # type: ignore[attr-defined]


class Rows:
    """One kernel on one shape."""

    params = (ROWS, BOARDS)
    param_names = ("row", "board")

    def setup(self, cycles: Cycles, row: str, board: str) -> None:
        """Skip a row the commit does not have."""
        if (row, board) not in cycles:
            raise NotImplementedError

    def track_cycles(self, cycles: Cycles, row: str, board: str) -> int:
        """Return the cycles of the whole row."""
        return cycles[row, board]

    track_cycles.unit = "modelled cycles"  # type: ignore[attr-defined]
    track_cycles.version = "1"  # type: ignore[attr-defined]
