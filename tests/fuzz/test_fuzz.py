"""A minute of what .ci/fuzz does at night, from fixed seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from cli.onnx_files import quantized
from fuzz.campaign import Tally, attempt, campaign
from fuzz.graphs import Recipe, network, recipe
from fuzz.hostility import damage_files
from fuzz.limited import run_command
from fuzz.lowered import lowered, values
from fuzz.nodewise import compare_nodes
from fuzz.shrinking import shrunk

from tinyrig.generator.passes.pipeline import run_passes
from tinyrig.suite.reference.boundary import quantize_input


def _quiet(_: str) -> None:
    """Nothing: pytest shows what fails."""


def _sound(tally: Tally) -> None:
    assert not tally.failures, "\n".join(tally.failures)
    assert tally.proven >= 0.6 * tally.networks


def test_networks_are_within_a_step_of_onnx_runtime_node_by_node() -> None:
    _sound(campaign(5015, 45, (), 600.0, _quiet))


@pytest.mark.parametrize(("first", "board"), [(6000, "stm32f427"), (6100, "stm32h743")])
def test_networks_boot_to_the_bytes_of_the_reference(first: int, board: str) -> None:
    _sound(campaign(first, 5, (board,), 600.0, _quiet))


@pytest.mark.parametrize("kind", ["bytes", "fields"])
def test_damaged_files_are_refused_in_one_paragraph(kind: str) -> None:
    found = damage_files(kind, 7000, 15, 600.0, _quiet)
    assert not found.failures, "\n".join(found.failures)
    assert found.codes[2] > 0


def test_a_seed_gives_the_same_network_every_time() -> None:
    one, two = (network(recipe(11)) for _ in range(2))
    assert one.case.model.SerializeToString() == two.case.model.SerializeToString()
    assert all(
        np.array_equal(one.case.feeds[name], two.case.feeds[name]) for name in one.case.feeds
    )


def test_a_wrong_value_is_seen_at_its_node() -> None:
    """One code of one activation two steps off: its node is named, and no node behind it."""
    model = quantized()
    low = lowered(model, "small")
    planned = run_passes(low.graph)
    feeds = {"x": np.linspace(-4, 4, 12, dtype=np.float32).reshape(1, 3, 4)}
    codes = {"x": quantize_input(feeds["x"], low.graph.tensors["x"].affine)}
    held = values(low, planned, codes)
    assert not compare_nodes(model, feeds, low, planned, held).apart
    for name in ("x", "r"):
        wrong = {key: np.array(value) for key, value in held.items()}
        wrong[name].flat[5] += 2 * 0.05 * (1 if wrong[name].flat[5] < 0 else -1)
        (apart,) = compare_nodes(model, feeds, low, planned, wrong).apart
        assert (apart.value, apart.steps, apart.elements) == (name, 2, 1) or name == "x"


def test_a_failing_network_is_shrunk_to_the_blocks_that_matter() -> None:
    least = shrunk(Recipe(1, (1, 2, 3, 4, 5)), lambda smaller: {2, 4} <= set(smaller.blocks))
    assert least.blocks == (2, 4)


def test_an_error_nobody_foresaw_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("gone")

    monkeypatch.setattr("fuzz.trial.compare_nodes", broken)
    assert "KeyError" in attempt(Recipe(1, (1,)), ()).wrong


def test_limits_and_tracebacks_are_faults(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(quantized(), path)
    assert run_command(["boards"], tmp_path).fault() == ""
    ending = run_command(["generate", "absent.onnx", "-o", "out"], tmp_path)
    assert (ending.code, ending.fault()) == (2, "")
    assert "exit code 1" in run_command(["replay"], tmp_path / "absent").fault()
