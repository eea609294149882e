"""`tinyrig doctor`: what it tells to type can be typed."""

from __future__ import annotations

import os

import pytest

from tinyrig.generator.errors import MissingToolError
from tinyrig.suite.cli import doctor
from tinyrig.suite.cli.app import execute

_LINE = "sudo python -m pip install 'tinyrig[boards]' && " + "a-long-word " * 20 + "end"


@pytest.mark.parametrize(("user", "typed"), [(0, _LINE.removeprefix("sudo ")), (1000, _LINE)])
def test_an_install_line_is_one_line_as_this_user_types_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, typed: str
) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(
        doctor, "findings", lambda: [doctor.Finding("a tool", "to try", None, _LINE, False)]
    )
    assert execute(["doctor"]) == 0
    assert f"a tool: {typed}" in capsys.readouterr().out.splitlines()


def test_a_backend_that_is_broken_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> object:
        raise MissingToolError("The install lacks psutil.")

    monkeypatch.setattr(doctor, "backend", broken)
    (found,) = [one for one in doctor.findings() if one.name == "gvsoc backend"]
    assert found.found is None
    assert "The install lacks psutil." in found.install
