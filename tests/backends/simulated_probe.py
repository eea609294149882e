"""A debug probe for pyOCD whose chip is simulated.

Everything below the probe's memory accesses is simulated, everything above is pyOCD's.
"""

from __future__ import annotations

import struct

from pyocd.core.exceptions import ProbeDisconnected
from pyocd.core.memory_interface import MemoryInterface
from pyocd.probe.debug_probe import DebugProbe
from simulated_board import ROM_TABLE, SimulatedBoard

DEVICE_ENABLED = 1 << 6
"""Of the access port's status."""


class _Bus(MemoryInterface):
    """The memory of the one access port."""

    def __init__(self, board: SimulatedBoard) -> None:
        self._board = board

    def write_memory(self, addr, data, transfer_size=32, **_attributes):
        self._board.write(addr, int(data).to_bytes(transfer_size // 8, "little"))

    def read_memory(self, addr, transfer_size=32, now=True, **_attributes):
        value = int.from_bytes(self._board.read(addr, transfer_size // 8), "little")
        return value if now else lambda: value

    def write_memory_block32(self, addr, data, **_attributes):
        self._board.write(addr, struct.pack(f"<{len(data)}I", *data))

    def read_memory_block32(self, addr, size, **_attributes):
        return list(struct.unpack(f"<{size}I", self._board.read(addr, 4 * size)))

    def write_memory_block8(self, addr, data, **_attributes):
        self._board.write(addr, bytes(data))

    def read_memory_block8(self, addr, size, **_attributes):
        return list(self._board.read(addr, size))


class SimulatedProbe(DebugProbe):
    """A probe with one AHB access port to a simulated board."""

    boards: dict[str, SimulatedBoard] = {}  # noqa: RUF012 - pyOCD asks the class for its probes

    @classmethod
    def get_all_connected_probes(cls, _unique_id=None, _is_explicit=False):
        return [cls(identity) for identity in cls.boards]

    @classmethod
    def get_probe_with_id(cls, unique_id, _is_explicit=False):
        return cls(unique_id) if unique_id in cls.boards else None

    def __init__(self, unique_id: str) -> None:
        super().__init__()
        self._id = unique_id
        self._protocol = None
        self._open = False
        self._in_reset = False
        self._access_port: dict[int, int] = {}

    vendor_name = "Tinyrig"
    product_name = "simulated probe"
    supported_wire_protocols = (DebugProbe.Protocol.DEFAULT, DebugProbe.Protocol.SWD)
    capabilities = frozenset(
        (DebugProbe.Capability.MANAGED_AP_SELECTION, DebugProbe.Capability.MANAGED_DPBANKSEL)
    )

    @property
    def unique_id(self):
        return self._id

    @property
    def wire_protocol(self):
        return self._protocol

    @property
    def is_open(self):
        return self._open

    @property
    def board(self) -> SimulatedBoard:
        if self._id not in self.boards:
            raise ProbeDisconnected("no such probe")
        return self.boards[self._id]

    def open(self):
        self._open = bool(self.board)

    def close(self):
        self._open = False

    def connect(self, _protocol=None):
        self._protocol = DebugProbe.Protocol.SWD

    def disconnect(self):
        self._protocol = None

    def set_clock(self, frequency):
        pass

    def reset(self):
        self.board.reset()

    def assert_reset(self, asserted):
        if self._in_reset and not asserted:
            self.board.reset()
        self._in_reset = asserted

    def is_reset_asserted(self):
        return self._in_reset

    def read_dp(self, addr, now=True):
        value = {0x0: 0x2BA01477, 0x4: 0xF0000040}.get(addr & 0xF, 0)
        return value if now else lambda: value

    def write_dp(self, addr, data):
        pass

    def read_ap(self, addr, now=True):
        first = addr >> 24 == 0
        fixed = {0xFC: 0x24770011, 0xF8: ROM_TABLE | 3, 0xF4: 0}
        enabled = DEVICE_ENABLED if addr & 0xFF == 0 else 0
        value = fixed.get(addr & 0xFF, self._access_port.get(addr & 0xFF, 0) | enabled)
        value = value if first else 0
        if first and addr & 0xFF == 0x0C:
            value = self._bus.read_memory(self._access_port[0x04])
        return value if now else lambda: value

    def write_ap(self, addr, data):
        self._access_port[addr & 0xFF] = data
        if addr & 0xFF == 0x0C:
            self._bus.write_memory(self._access_port[0x04], data)

    def read_ap_multiple(self, addr, count=1, now=True):
        values = [self.read_ap(addr) for _ in range(count)]
        return values if now else lambda: values

    def write_ap_multiple(self, addr, values):
        for value in values:
            self.write_ap(addr, value)

    def get_memory_interface_for_ap(self, _ap_address):
        return self._bus

    @property
    def _bus(self) -> _Bus:
        return _Bus(self.board)
