"""Interrupts held back, and interrupts in disguise."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

from tinyrig.suite.process.interrupts import held, is_interrupt, repeat_lost_signals


def test_a_held_interrupt_comes_after_the_body() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    done = []
    try:
        with pytest.raises(KeyboardInterrupt), held():
            signal.raise_signal(signal.SIGINT)
            done.append("body")
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == ["body"]


def test_without_an_interrupt_nothing_happens() -> None:
    before = signal.getsignal(signal.SIGINT)
    with held():
        pass
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_of_the_body_passes() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError, match="body"), held():
        raise ValueError("body")
    assert signal.getsignal(signal.SIGINT) is before


def test_another_thread_may_use_it() -> None:
    done: list[str] = []

    def work() -> None:
        with held():
            done.append("body")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["body"]


def test_an_ignored_interrupt_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_a_callback_drops_comes_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Dropping:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    repeat_lost_signals()
    try:
        with pytest.raises(KeyboardInterrupt):
            dropping = Dropping()
            del dropping
            time.sleep(10)
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == ""


def _caused(cause: BaseException | None) -> BaseException:
    try:
        try:
            if cause is not None:
                raise cause
            raise ImportError("outer")
        except KeyboardInterrupt as error:
            raise ImportError("outer") from error
    except BaseException as error:  # noqa: BLE001
        return error


def test_an_import_cut_off_is_an_interrupt() -> None:
    assert is_interrupt(KeyboardInterrupt())
    assert is_interrupt(_caused(KeyboardInterrupt()))
    assert not is_interrupt(_caused(None))
