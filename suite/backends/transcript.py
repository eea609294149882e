"""The firmware's line protocol, parsed strictly.

A transcript is lines `TR1 <kind> <fields> *<crc32>`, in the order hello, build, steps, the
counted regions with the work of their steps and where its cycles went (of boards that count
themselves), each output with its data, checks, stack, end. Every line's CRC, every number, every
order and the count of lines are checked; the first thing that is wrong raises ProtocolError.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tinyrig.generator.errors import FaultError, ProtocolError

PROTOCOL_VERSION = 1
_BYTES_A_LINE = 32
_LINE = re.compile(rb"(TR1 ([a-z]+)((?: [^ \r\n]+)*)) \*([0-9a-f]{8})\r?\Z")
_NAME = r"[A-Za-z0-9_.\-]+"
_NUMBER = r"0|[1-9][0-9]*"
_WORD = r"[0-9a-f]{8}"
_SPLIT = ("hazards", "branches", "latency", "icache", "dma", "barrier")
_FIELDS = {
    "hello": (("version", _NUMBER), ("board", _NAME), ("model", _NAME), ("hash", _NAME)),
    "build": (
        ("kind", "clean|checked"),
        ("arena", _NUMBER),
        ("steps", _NUMBER),
        ("outputs", _NUMBER),
    ),
    "step": (("index", _NUMBER), ("name", _NAME), ("ticks", _NUMBER)),
    "region": (("index", _NUMBER), ("instructions", _NUMBER), ("cycles", _NUMBER)),
    "work": (("index", _NUMBER), ("instructions", _NUMBER), ("cycles", _NUMBER)),
    "split": (("index", _NUMBER), *((part, _NUMBER) for part in _SPLIT)),
    "output": (("index", _NUMBER), ("name", _NAME), ("size", _NUMBER), ("crc", _WORD)),
    "data": (("index", _NUMBER), ("offset", _NUMBER), ("bytes", "(?:[0-9a-f]{2})+")),
    "check": (("name", _NAME), ("failures", _NUMBER), ("detail", _NUMBER)),
    "stack": (("used", _NUMBER), ("size", _NUMBER)),
    "end": (("verdict", "ok|fail"), ("lines", _NUMBER)),
}
_REGION = b"TR1 region "
_STALLS = b"TR1 split "
_CHECKS = ("repeat", "guards", "arena_end", "red_zone")


@dataclass(frozen=True)
class StepTicks:
    """A step and the ticks of the board's cycle counter it took; 0 where none counts."""

    name: str
    ticks: int


@dataclass(frozen=True)
class Stalls:
    """Cycles of all cores that executed nothing, by cause; `CycleSplit` says what each is."""

    hazards: int
    branches: int
    latency: int
    icache: int
    dma: int
    barrier: int


@dataclass(frozen=True)
class Work:
    """What the board's own counters say of some code: instructions of all cores, and cycles.

    `stalls` are known of steps alone, and only where the counters tell them.
    """

    instructions: int
    cycles: int
    stalls: Stalls | None = None


@dataclass(frozen=True)
class CountedRegion:
    """One inference as the firmware counted it, and its steps in a checked build."""

    work: Work
    steps: tuple[Work, ...]


@dataclass(frozen=True)
class Check:
    """One of the firmware's own checks; `detail` is an offset or a size, see the name."""

    name: str
    failures: int
    detail: int

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return self.failures == 0


@dataclass(frozen=True)
class Transcript:
    """Everything one boot reported. `outputs` maps a name to its quantized bytes.

    `regions` has one entry an inference where the firmware reads counters itself, else none.
    """

    board: str
    model: str
    hash: str
    checked: bool
    arena: int
    steps: tuple[StepTicks, ...]
    outputs: Mapping[str, bytes] = field(repr=False)
    checks: tuple[Check, ...]
    stack_used: int
    stack_size: int
    ok: bool
    regions: tuple[CountedRegion, ...] = ()

    def failed_checks(self) -> tuple[Check, ...]:
        """Return the checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)


def parse_transcript(raw: bytes) -> Transcript:
    """Return what a whole UART capture says.

    Bytes before the hello line (a real board's line noise) are ignored; nothing may follow the
    end line. Raises FaultError when the firmware reported a fault, ProtocolError otherwise.
    """
    start = raw.find(b"TR1 hello ")
    if start < 0:
        raise ProtocolError(f"The firmware never said hello; the UART gave {_excerpt(raw)}.")
    lines = raw[start:].split(b"\n")
    _raise_fault(lines)
    if lines[-1] != b"":
        raise ProtocolError(f"The transcript is cut off in the line {_excerpt(lines[-1])}.")
    return _Reader(lines[:-1]).read()


def has_ended(raw: bytes) -> bool:
    """Tell whether a capture's last line is whole and ends it: the verdict, or a fault."""
    last = raw[raw.rfind(b"\n", 0, -1) + 1 :]
    return last.endswith(b"\n") and last.startswith((b"TR1 end ", b"TR1 fault "))


def find_fault(raw: bytes) -> None:
    """Raise FaultError when a capture, however incomplete, holds an intact fault line."""
    _raise_fault(raw.split(b"\n"))


def _raise_fault(lines: list[bytes]) -> None:
    for line in lines:
        match = _LINE.match(line)
        if match and match[2] == b"fault" and _intact(match):
            raise FaultError(f"The firmware reported a fault:{match[3].decode('ascii')}.")


def _intact(match: re.Match[bytes]) -> bool:
    return zlib.crc32(match[1]) == int(match[4], 16)


def _excerpt(raw: bytes) -> str:
    text = raw[:120].decode("ascii", "backslashreplace")
    return repr(text) if text else "nothing"


class _Reader:
    """Consumes lines in order."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._next = 0

    def read(self) -> Transcript:
        hello = self._take("hello")
        if int(hello["version"]) != PROTOCOL_VERSION:
            raise ProtocolError(
                f"The firmware speaks protocol {hello['version']}; "
                f"this program reads {PROTOCOL_VERSION}."
            )
        build = self._take("build")
        checked = build["kind"] == "checked"
        steps = [self._step(index) for index in range(int(build["steps"]) if checked else 0)]
        regions = self._regions(len(steps))
        outputs: dict[str, bytes] = {}
        for index in range(int(build["outputs"])):
            name, data = self._output(index)
            if name in outputs:
                raise ProtocolError(f"The transcript gives output {name} twice.")
            outputs[name] = data
        checks = tuple(self._check(name) for name in _CHECKS)
        stack = self._take("stack")
        before = self._next
        end = self._take("end")
        if int(end["lines"]) != before:
            raise ProtocolError(f"The firmware sent {end['lines']} lines; {before} arrived.")
        if self._next != len(self._lines):
            extra = _excerpt(self._lines[self._next])
            raise ProtocolError(f"The transcript goes on after its end: {extra}.")
        ok = end["verdict"] == "ok"
        if ok != all(check.passed for check in checks):
            raise ProtocolError(f"The verdict {end['verdict']} contradicts the checks.")
        return Transcript(
            board=hello["board"],
            model=hello["model"],
            hash=hello["hash"],
            checked=checked,
            arena=int(build["arena"]),
            steps=tuple(steps),
            outputs=outputs,
            checks=checks,
            stack_used=int(stack["used"]),
            stack_size=int(stack["size"]),
            ok=ok,
            regions=regions,
        )

    def _take(self, kind: str) -> dict[str, str]:
        """Return the fields of the next line, which must be of a kind."""
        if self._next == len(self._lines):
            raise ProtocolError(f"The transcript ends where a {kind} line should be.")
        line = self._lines[self._next]
        match = _LINE.match(line)
        if match is None or not _intact(match):
            raise ProtocolError(f"Line {self._next + 1} is corrupt: {_excerpt(line)}.")
        found = match[2].decode("ascii")
        if found != kind:
            raise ProtocolError(f"Line {self._next + 1} is {found} where {kind} should be.")
        self._next += 1
        pattern = " ".join(f"{key}=({form})" for key, form in _FIELDS[kind])
        values = re.fullmatch(" " + pattern, match[3].decode("ascii", "replace"))
        if values is None:
            raise ProtocolError(f"Line {self._next} is no {kind} line: {_excerpt(line)}.")
        return {key: values[i + 1] for i, (key, _) in enumerate(_FIELDS[kind])}

    def _is_next(self, start: bytes) -> bool:
        return self._next < len(self._lines) and self._lines[self._next].startswith(start)

    def _expect(self, what: str, found: str, wanted: int | str) -> None:
        if found != str(wanted):
            raise ProtocolError(f"Line {self._next} has {what} {found} where {wanted} should be.")

    def _step(self, index: int) -> StepTicks:
        step = self._take("step")
        self._expect("step", step["index"], index)
        return StepTicks(step["name"], int(step["ticks"]))

    def _regions(self, steps: int) -> tuple[CountedRegion, ...]:
        regions: list[CountedRegion] = []
        while self._is_next(_REGION):
            work = self._work("region", len(regions))
            regions.append(
                CountedRegion(work, tuple(self._step_work(index) for index in range(steps)))
            )
        return tuple(regions)

    def _work(self, kind: str, index: int) -> Work:
        line = self._take(kind)
        self._expect(kind, line["index"], index)
        return Work(int(line["instructions"]), int(line["cycles"]))

    def _step_work(self, index: int) -> Work:
        work = self._work("work", index)
        if not self._is_next(_STALLS):
            return work
        line = self._take("split")
        self._expect("split", line["index"], index)
        return replace(work, stalls=Stalls(*(int(line[part]) for part in _SPLIT)))

    def _check(self, name: str) -> Check:
        check = self._take("check")
        self._expect("check", check["name"], name)
        return Check(name, int(check["failures"]), int(check["detail"]))

    def _output(self, index: int) -> tuple[str, bytes]:
        output = self._take("output")
        self._expect("output", output["index"], index)
        size = int(output["size"])
        data = bytearray()
        while len(data) < size:
            line = self._take("data")
            self._expect("output", line["index"], index)
            self._expect("offset", line["offset"], len(data))
            chunk = bytes.fromhex(line["bytes"])
            if len(chunk) != min(_BYTES_A_LINE, size - len(data)):
                raise ProtocolError(f"Line {self._next} has {len(chunk)} bytes, not its share.")
            data += chunk
        if zlib.crc32(data) != int(output["crc"], 16):
            raise ProtocolError(f"Output {output['name']} does not match its CRC.")
        return output["name"], bytes(data)
