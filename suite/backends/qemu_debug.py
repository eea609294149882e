"""Counting in QEMU without a plugin: it stops at the markers and tells its instruction count.

Under `-icount` and recording, QEMU's own replay clock counts instructions. Breakpoints are set
through its gdb server, the clock is asked through its machine protocol (QMP).
"""

from __future__ import annotations

import json
import select
import socket
import time
from pathlib import Path
from typing import Any

from tinyrig.suite.backends.marker_events import EventReader, marker_places
from tinyrig.suite.backends.qemu_counts import Counts, Stop
from tinyrig.suite.toolchain import Image

ARGUMENTS = (
    *("-icount", "shift=0,sleep=off"),
    *("-S", "-gdb", "unix:gdb.sock,server=on,wait=off"),
    *("-qmp", "unix:qmp.sock,server=on,wait=off"),
)
_ANSWER_SECONDS = 10.0
_TURN_SECONDS = 0.2
_PROGRAM_COUNTER = 15
_INTERRUPT = b"\x03"


class DebugCounter:
    """Follows one run of QEMU in a folder: `step` it until it says that the run is over."""

    def __init__(self, folder: Path, image: Image, budget: int) -> None:
        self._folder = folder
        self._places = marker_places(image)
        self._budget = budget
        self._reader = EventReader()
        self._gdb: _Gdb | None = None
        self._qmp: _Qmp | None = None
        self._stop: Stop | None = None
        self._address = 0
        self._executed = 0

    def step(self) -> bool:
        """Handle the stops of a short while; tell whether the run is over.

        A QEMU that is not there yet, or no more, is left to whoever watches it.
        """
        try:
            if self._gdb is None and not self._connect():
                return False
            end = time.monotonic() + _TURN_SECONDS
            while self._stop is None and time.monotonic() < end:
                self._turn()
        except (OSError, ValueError):
            return False
        return self._stop is not None

    def counts(self) -> Counts | None:
        """Return what was counted; None when QEMU went before the firmware ended."""
        if self._stop is None:
            return None
        found = self._reader.events()
        executed = self._executed + 1  # with the instruction it stopped before
        return Counts(self._stop, self._address, executed, found.ended, found.regions, found.steps)

    def close(self) -> None:
        """Close the connections."""
        for one in (self._gdb, self._qmp):
            if one is not None:
                one.close()

    def _connect(self) -> bool:
        sockets = [self._folder / name for name in ("gdb.sock", "qmp.sock")]
        if not all(path.is_socket() for path in sockets):
            return False
        self._qmp = _Qmp(sockets[1])
        self._gdb = _Gdb(sockets[0])
        for address in self._places:
            self._gdb.ask(f"Z0,{address:x},2")
        self._gdb.go()
        return True

    def _turn(self) -> None:
        assert self._gdb is not None
        assert self._qmp is not None
        stopped = self._gdb.stopped(_TURN_SECONDS)
        self._executed = self._qmp.instructions()
        if not stopped:
            if self._executed > self._budget:
                self._gdb.interrupt()
                self._address = self._gdb.registers()[_PROGRAM_COUNTER]
                self._stop = Stop.BUDGET_SPENT
            return
        registers = self._gdb.registers()
        self._address = registers[_PROGRAM_COUNTER]
        self._reader.take(self._places[self._address], self._executed, registers[0])
        if self._reader.disorder:
            self._stop = Stop.MARKERS_OUT_OF_ORDER
        elif self._reader.halted:
            self._stop = Stop.HALTED
        elif self._executed > self._budget:
            self._stop = Stop.BUDGET_SPENT
        else:
            self._gdb.leave(self._address)


class _Gdb:
    """The few packets of gdb's remote protocol needed here."""

    def __init__(self, path: Path) -> None:
        self._socket = _connected(path)
        self._data = b""

    def close(self) -> None:
        self._socket.close()

    def ask(self, text: str) -> str:
        """Send a packet and return the answer's text."""
        self._send(text)
        return self._receive()

    def go(self) -> None:
        """Let the core run; `stopped` tells when it has stopped."""
        self._send("c")

    def leave(self, address: int) -> None:
        """Go on from a breakpoint: the core would stop at it again."""
        self.ask(f"z0,{address:x},2")
        self.ask("s")
        self.ask(f"Z0,{address:x},2")
        self.go()

    def stopped(self, seconds: float) -> bool:
        """Wait for the running core to stop; tell whether it has."""
        end = time.monotonic() + seconds
        while self._packet() is None:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._socket], [], [], left)[0]:
                return False
            self._read()
        return True

    def interrupt(self) -> None:
        """Stop the core where it is."""
        self._socket.sendall(_INTERRUPT)
        self._receive()

    def registers(self) -> list[int]:
        """Return r0 to r15."""
        raw = bytes.fromhex(self.ask("g")[: 16 * 8])
        return [int.from_bytes(raw[at : at + 4], "little") for at in range(0, len(raw), 4)]

    def _send(self, text: str) -> None:
        self._socket.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) % 256))

    def _receive(self) -> str:
        while (packet := self._packet()) is None:
            self._read()
        return packet

    def _packet(self) -> str | None:
        """Take a whole packet from what has come, past the marks that one of ours was taken."""
        start = self._data.find(b"$")
        end = self._data.find(b"#", start)
        if start < 0 or not 0 <= end < len(self._data) - 2:
            return None
        packet, self._data = self._data[start + 1 : end], self._data[end + 3 :]
        self._socket.sendall(b"+")
        return packet.decode("ascii")

    def _read(self) -> None:
        data = self._socket.recv(4096)
        if not data:
            raise ConnectionResetError("QEMU's gdb server is gone")
        self._data += data


class _Qmp:
    """QEMU's machine protocol: a line of JSON a question."""

    def __init__(self, path: Path) -> None:
        self._socket = _connected(path)
        self._lines = self._socket.makefile("rw", encoding="utf-8")
        self._lines.readline()  # the greeting
        self._ask("qmp_capabilities")

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def instructions(self) -> int:
        """Return the instructions executed so far."""
        return int(self._ask("query-replay")["icount"])

    def _ask(self, question: str) -> Any:
        self._lines.write(json.dumps({"execute": question}) + "\n")
        self._lines.flush()
        while line := self._lines.readline():
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
        raise ConnectionResetError("QEMU's machine protocol is gone")


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(_ANSWER_SECONDS)
    connection.connect(str(path))
    return connection
