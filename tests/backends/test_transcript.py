"""The line protocol's parser takes what firmware sends and nothing else."""

import zlib

import pytest
from firmware_projects import fake_project
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.errors import FaultError, ProtocolError
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.machine import Machine
from tinyrig.suite.backends.transcript import CountedRegion, Stalls, Work, parse_transcript
from tinyrig.suite.toolchain import build, load_toolchain


def line(text: str) -> bytes:
    return f"{text} *{zlib.crc32(text.encode()):08x}\n".encode()


LINES = [
    "TR1 hello version=1 board=b model=m hash=0f",
    "TR1 build kind=checked arena=64 steps=1 outputs=1",
    "TR1 step index=0 name=s.0 ticks=7",
    f"TR1 output index=0 name=y size=33 crc={zlib.crc32(bytes(33)):08x}",
    f"TR1 data index=0 offset=0 bytes={'00' * 32}",
    "TR1 data index=0 offset=32 bytes=00",
    "TR1 check name=repeat failures=0 detail=0",
    "TR1 check name=guards failures=0 detail=4294967295",
    "TR1 check name=arena_end failures=0 detail=64",
    "TR1 check name=red_zone failures=0 detail=140",
    "TR1 stack used=140 size=8192",
    "TR1 end verdict=ok lines=11",
]
GOOD = b"".join(map(line, LINES))


def test_what_firmware_sends_is_read() -> None:
    board = load_board("stm32f746")
    image = build(fake_project(board), board, load_toolchain("zig"), checked=True)
    with Machine(image, board, sample=None, watch=False, budget=10_000_000) as machine:
        machine.start()
        raw = machine.uart_output()
    transcript = parse_transcript(raw)
    assert (transcript.board, transcript.model, transcript.hash) == (board.name, "fake", "0123abcd")
    assert [step.name for step in transcript.steps] == ["first", "second"]
    assert [check.name for check in transcript.checks] == [
        "repeat",
        "guards",
        "arena_end",
        "red_zone",
    ]
    assert transcript.checked
    assert transcript.arena == 64
    assert transcript.stack_size == 8192
    assert raw.isascii()
    assert all(text.startswith(b"TR1 ") for text in raw.splitlines())


def test_all_fields() -> None:
    transcript = parse_transcript(GOOD)
    assert transcript.outputs == {"y": bytes(33)}
    assert transcript.steps[0].ticks == 7
    assert transcript.ok
    assert transcript.failed_checks() == ()


def test_counted_regions_have_the_work_of_every_step() -> None:
    counted = [
        "TR1 region index=0 instructions=50 cycles=90",
        "TR1 work index=0 instructions=40 cycles=70",
        "TR1 region index=1 instructions=51 cycles=91",
        "TR1 work index=0 instructions=41 cycles=71",
    ]
    lines = [*LINES[:3], *counted, *LINES[3:-1], "TR1 end verdict=ok lines=15"]
    first, second = parse_transcript(b"".join(map(line, lines))).regions
    assert first == CountedRegion(Work(50, 90), (Work(40, 70),))
    assert second == CountedRegion(Work(51, 91), (Work(41, 71),))
    assert parse_transcript(GOOD).regions == ()
    for gone in (3, 4, 5):
        short = [*lines[:gone], *lines[gone + 1 : -1], "TR1 end verdict=ok lines=14"]
        with pytest.raises(ProtocolError):
            parse_transcript(b"".join(map(line, short)))


SPLIT = "TR1 split index=0 hazards=1 branches=2 latency=3 icache=4 dma=5 barrier=6"


def _with_splits(*splits: str) -> bytes:
    work = [
        "TR1 region index=0 instructions=50 cycles=90",
        "TR1 work index=0 instructions=4 cycles=7",
    ]
    lines = [*LINES[:3], *work, *splits, *LINES[3:-1]]
    return b"".join(map(line, [*lines, f"TR1 end verdict=ok lines={len(lines)}"]))


def test_a_step_may_say_where_its_cycles_went() -> None:
    (region,) = parse_transcript(_with_splits(SPLIT)).regions
    assert region.work.stalls is None
    assert region.steps == (Work(4, 7, Stalls(1, 2, 3, 4, 5, 6)),)
    (region,) = parse_transcript(_with_splits()).regions
    assert region.steps == (Work(4, 7),)


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        ((SPLIT.replace("index=0", "index=1"),), "split 1 where 0"),
        ((SPLIT.replace(" dma=5", ""),), "no split line"),
        ((SPLIT.replace("dma=5", "dma=-5"),), "no split line"),
        ((SPLIT, SPLIT), "is split where output should be"),
    ],
)
def test_wrong_splits(splits: tuple[str, ...], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        parse_transcript(_with_splits(*splits))


def test_noise_before_hello_and_carriage_returns_are_allowed() -> None:
    assert parse_transcript(b"\x00\xffTR1 he" + GOOD) == parse_transcript(GOOD)
    assert parse_transcript(GOOD.replace(b"\n", b"\r\n")) == parse_transcript(GOOD)


@given(st.integers(0, len(GOOD) - 1))
def test_every_truncation_is_seen(length: int) -> None:
    with pytest.raises(ProtocolError):
        parse_transcript(GOOD[:length])


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_every_changed_byte_is_seen(at: int, change: int) -> None:
    raw = bytearray(GOOD)
    raw[at] ^= change
    with pytest.raises(ProtocolError):
        parse_transcript(bytes(raw))


@given(st.integers(0, len(LINES) - 1))
def test_every_lost_or_doubled_line_is_seen(at: int) -> None:
    parts = list(map(line, LINES))
    for wrong in (parts[:at] + parts[at + 1 :], parts[: at + 1] + parts[at:]):
        if at == 0 and wrong[0] == parts[0]:
            continue
        with pytest.raises(ProtocolError):
            parse_transcript(b"".join(wrong))


@pytest.mark.parametrize(
    ("index", "text", "message"),
    [
        (0, "TR1 hello version=2 board=b model=m hash=0f", "speaks protocol 2"),
        (0, "TR1 hello version=1 board=b/ model=m hash=0f", "no hello line"),
        (1, "TR1 build kind=other arena=64 steps=1 outputs=1", "no build line"),
        (2, "TR1 step index=1 name=s.0 ticks=7", "step 1 where 0"),
        (3, "TR1 output index=0 name=y size=33 crc=00000000", "does not match its CRC"),
        (3, "TR1 output index=0 name=y size=034 crc=00000000", "no output line"),
        (4, f"TR1 data index=0 offset=0 bytes={'00' * 31}", "31 bytes, not its share"),
        (5, "TR1 data index=0 offset=31 bytes=00", "offset 31 where 32"),
        (5, "TR1 data index=0 offset=32 bytes=0", "no data line"),
        (6, "TR1 check name=guards failures=0 detail=0", "check guards where repeat"),
        (6, "TR1 check name=repeat failures=1 detail=0", "contradicts"),
        (10, "TR1 heap used=140 size=8192", "heap where stack should be"),
        (11, "TR1 end verdict=fail lines=11", "contradicts"),
        (11, "TR1 end verdict=ok lines=12", "12 lines; 11 arrived"),
    ],
)
def test_intact_lines_with_wrong_content(index: int, text: str, message: str) -> None:
    lines = [*LINES[:index], text, *LINES[index + 1 :]]
    with pytest.raises(ProtocolError, match=message):
        parse_transcript(b"".join(map(line, lines)))


def test_nothing_may_follow_the_end() -> None:
    with pytest.raises(ProtocolError, match="goes on after its end"):
        parse_transcript(GOOD + b"TR1 \n")


def test_an_intact_fault_line_wins_over_a_cut_transcript() -> None:
    fault = line("TR1 fault exception=3 pc=08000123")
    with pytest.raises(FaultError, match="exception=3 pc=08000123"):
        parse_transcript(GOOD[:100] + b"\n" + fault)
    with pytest.raises(ProtocolError):
        parse_transcript(GOOD[:100] + b"\n" + fault.replace(b"3", b"4"))
