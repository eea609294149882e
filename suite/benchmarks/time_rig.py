"""asv: the rig's own speed, in seconds of this machine."""

from __future__ import annotations

MODELS = ("ecgformer", "eegformer", "trformer")
BOARD = "stm32f746"


class Rig:
    """What a run spends its time with, once models and object files are in the cache."""

    params = (MODELS,)
    param_names = ("model",)
    timeout = 300
    warmup_time = 0
    repeat = (3, 5, 20.0)
    number = 1

    def setup(self, model: str) -> None:
        """Read the model and build its firmware."""
        try:
            from tinyrig.generator.planning.board import load_board
            from tinyrig.suite.backends.registry import backend
            from tinyrig.suite.models.case import resolve
            from tinyrig.suite.rig.firmware import make_firmware
            from tinyrig.suite.rig.verdict import sample_bytes
            from tinyrig.suite.toolchain.toolchain import load_toolchain
        except ImportError:
            raise NotImplementedError from None
        self._make = make_firmware
        self._board, self._tools = load_board(BOARD), load_toolchain("zig")
        self._backend = backend("embedded")
        case = resolve(model, {})
        self._graph = case.graph
        self._sample = sample_bytes(case.graph, case.samples(1)[0])
        self._firmware = make_firmware(case.graph, self._board, self._tools, self._sample)

    def time_plan_and_link(self, _: str) -> None:
        """Plan, print and find the ELF of what was compiled before."""
        self._make(self._graph, self._board, self._tools, self._sample)

    def time_boot(self, _: str) -> None:
        """Boot the clean build: two inferences."""
        self._backend.run(self._firmware.clean, self._board, sample=self._sample)

    def time_boot_profiled(self, _: str) -> None:
        """Boot the checked build with every block recorded."""
        self._backend.run(self._firmware.checked, self._board, sample=self._sample, profile=True)

    time_plan_and_link.version = "1"  # type: ignore[attr-defined]
    time_boot.version = "1"  # type: ignore[attr-defined]
    time_boot_profiled.version = "1"  # type: ignore[attr-defined]
