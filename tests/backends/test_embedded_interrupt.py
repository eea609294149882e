"""An interrupt in the middle of a boot of the embedded backend."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from firmware_projects import fake_project

from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends import backend
from tinyrig.suite.backends.machine import Machine
from tinyrig.suite.toolchain import Image, build, load_toolchain

F4 = load_board("stm32f427")
ENDLESS = 'for (;;) { __asm__ volatile(""); }'
HOURS = 10**13


def endless() -> Image:
    return build(fake_project(F4, ENDLESS), F4, load_toolchain("zig"), checked=False)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A worker of pytest-xdist ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_boot_ends_at_once() -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    image = endless()
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        backend("embedded").run(image, F4, budget=HOURS)
    assert 0.4 < time.monotonic() - began < 5


# A parent that ignores interrupts, as a shell's background job does, hands that down.
BOOT = """\
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, sys.argv[1])
from test_embedded_interrupt import F4, HOURS, backend, endless
image = endless()
print("booting", flush=True)
backend("embedded").run(image, F4, budget=HOURS)
"""


def test_a_process_ends_at_once_however_often_it_is_asked() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", BOOT, str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "booting\n"
    time.sleep(0.5)
    for _ in range(3):
        process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in said


def test_boots_in_threads_do_not_meet() -> None:
    image = build(fake_project(F4), F4, load_toolchain("zig"), checked=True)
    counts: list[int | None] = []

    def boot() -> None:
        counts.append(backend("embedded").run(image, F4).instructions)

    threads = [threading.Thread(target=boot) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 4
    assert len(set(counts)) == 1


def test_an_ended_machine_has_no_thread() -> None:
    image = build(fake_project(F4), F4, load_toolchain("zig"), checked=False)
    before = threading.active_count()
    with Machine(image, F4, sample=None, watch=False, budget=10_000_000) as machine:
        machine.start()
        for _ in range(100):
            if threading.active_count() == before:
                break
            time.sleep(0.01)
        assert threading.active_count() == before
