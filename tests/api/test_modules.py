"""Modules of all kinds: how inputs go, what tracing leaves in them, and what it leaves out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import tinyrig
from tinyrig.generator.errors import InputError
from tinyrig.suite.models.from_torch import model_from_module
from tinyrig.suite.models.sessions import float_session

ROW = torch.tensor([[0.5, -1.0, 2.0, 0.25]])


class Pair(nn.Module):
    """One input in order, two by name alone."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right = nn.Linear(4, 3), nn.Linear(5, 3)

    def forward(
        self, a: torch.Tensor, *, b: torch.Tensor | None = None, times: torch.Tensor | None = None
    ) -> torch.Tensor:
        found: torch.Tensor = self.left(a)
        found = found if b is None else found + self.right(b)
        return found if times is None else found * times


class Written(nn.Module):
    """A forward of one tensor, written here."""

    def __init__(self, forward: Callable[[torch.Tensor], object]) -> None:
        super().__init__()
        self.way = forward
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> object:
        self.calls += 1
        return self.way(x)


@pytest.mark.parametrize(
    "way",
    [
        lambda x: x @ x.mT,
        lambda x: torch.nn.functional.rms_norm(x, (4,)),
        lambda x: torch.expm1(x) + torch.cosh(x),
        lambda x: torch.nn.functional.scaled_dot_product_attention(
            x.expand(1, 2, 1, 4), x[None, None], x[None, None], enable_gqa=True
        ),
    ],
)
def test_what_tracing_does_not_know_goes_by_a_program(
    way: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    pytest.importorskip("onnxscript")
    net = Written(way)
    session = float_session(model_from_module(net, {"x": ROW}))
    (found,) = session.run(None, {"x": ROW.numpy()})
    assert np.allclose(found, way(ROW), atol=1e-5)
    assert net.calls.item() == 0.0


def test_a_program_keeps_the_names_of_forward() -> None:
    pytest.importorskip("onnxscript")
    net = Pair()
    net.left = nn.Sequential(nn.Linear(4, 3), nn.RMSNorm(3))
    session = float_session(model_from_module(net, {"times": torch.ones(1, 3), "a": ROW}))
    assert [entry.name for entry in session.get_inputs()] == ["a", "times"]


def test_what_no_exporter_knows_is_told_in_one_paragraph(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="operator 'aten::special_bessel_j0'"):
        model_from_module(Written(torch.special.bessel_j0), [ROW])
    assert capfd.readouterr() == ("", "")


def test_another_exporter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"tinyrig\[export\]"):
        model_from_module(Written(torch.cosh), [ROW])


@pytest.mark.parametrize("given", [["a"], ["b", "a"], ["times", "a"], ["times", "b", "a"]])
def test_a_mapping_goes_by_the_names_of_forward(given: list[str]) -> None:
    arrays = {"a": ROW, "b": torch.ones(1, 5), "times": torch.full((1, 3), 2.0)}
    net, example = Pair(), {name: arrays[name] for name in given}
    session = float_session(model_from_module(net, example))
    assert [entry.name for entry in session.get_inputs()] == sorted(given)
    (found,) = session.run(None, {name: x.numpy() for name, x in example.items()})
    assert np.allclose(found, net(**example).detach(), atol=1e-6)


def test_a_module_whose_defaults_go_by_name_takes_an_array() -> None:
    assert tinyrig.check(Pair(), example=ROW).runs


def test_modes_and_buffers_stay() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), Written(torch.relu))
    net[1].eval()
    calls = net[2].calls
    assert tinyrig.check(net, example=ROW).runs
    assert [one.training for one in net] == [True, False, True]
    assert net[2].calls is calls
    assert calls.item() == 0.0


@pytest.mark.parametrize(
    "way",
    [
        lambda x: x if x.sum() > 0 else -x,
        lambda x: x * float(x.max()),
        lambda x: x - x.max().item(),
    ],
)
def test_a_way_that_inputs_choose_is_refused(way: Callable[[torch.Tensor], object]) -> None:
    with pytest.raises(InputError, match=r"another way for other inputs .*test_modules\.py:\d+"):
        tinyrig.check(Written(way), example=ROW)


class Remembers(nn.Module):
    """A forward of one tensor and what the calls before left, in a buffer or beside it."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way
        self.register_buffer("kept", torch.zeros(1, 4))
        self.count = 0.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count += 1.0
        if self.way == "count":
            return x * self.count
        if self.way == "in place":
            self.kept.mul_(0.5).add_(x)
        else:
            self.kept = 0.5 * self.kept + x
        return self.kept


@pytest.mark.parametrize("way", ["count", "in place", "anew"])
def test_a_state_between_calls_is_refused(way: str) -> None:
    net = Remembers(way)
    with pytest.raises(InputError, match="keeps a state between calls"):
        tinyrig.check(net, example=ROW)
    assert not net.kept.any()


def test_a_program_of_a_state_is_refused() -> None:
    program = torch.export.export(Remembers("in place"), (ROW,))
    with pytest.raises(InputError, match="keeps a state between calls in kept"):
        tinyrig.check(program, example=ROW)


def test_an_input_that_forward_changes_in_place_is_no_state() -> None:
    def way(x: torch.Tensor) -> object:
        return x.add_(1.0) * 2.0

    row = ROW.clone()
    assert tinyrig.check(Written(way), example=row).runs
    assert torch.equal(row, ROW)


def written_to_a_view(x: torch.Tensor) -> object:
    y = x.clone()
    y.view(2, 2)[0].mul_(3.0)
    return y


@pytest.mark.parametrize(
    "way",
    [
        written_to_a_view,
        lambda x: nn.functional.avg_pool2d(x[None, None], (1, 2), divisor_override=3),
        lambda x: x.index_add(1, torch.tensor([0, 0]), x[:, :2]),
    ],
)
def test_what_an_exporter_leaves_out_is_refused(way: Callable[[torch.Tensor], object]) -> None:
    with pytest.raises(InputError, match="ONNX export changes what the module computes"):
        tinyrig.check(Written(way), example=ROW)


def test_what_an_exporter_leaves_out_of_a_program_is_refused() -> None:
    net = nn.AvgPool2d((1, 2), divisor_override=3)
    program = torch.export.export(net, (ROW[None, None],))
    with pytest.raises(InputError, match="ONNX export changes what the module computes"):
        tinyrig.check(program, example=ROW[None, None])


@pytest.mark.parametrize("kernel", [(4,), (3,)])
def test_same_pads_of_a_dilated_convolution(kernel: tuple[int, ...]) -> None:
    net = nn.Conv1d(2, 3, kernel, padding="same", dilation=3)
    rows = [torch.randn(1, 2, 12, generator=torch.manual_seed(n)) for n in range(4)]
    found = tinyrig.run(net, example=rows[0], calibration=rows, inputs=rows[:1])
    assert found.matches
    assert found.record.check.sqnr_db > 30.0


def test_a_way_that_extents_choose_is_the_only_one() -> None:
    def way(x: torch.Tensor) -> object:
        return {"b": x * 2.0, "a": x - 1.0} if x.shape[-1] == 4 else x

    assert tinyrig.check(Written(way), example=ROW).runs


@pytest.mark.parametrize(
    ("net", "example", "words"),
    [
        (nn.Linear(4, 3).double(), ROW, "parameters of torch.float64; supported is float32"),
        (nn.Linear(4, 3).bfloat16(), ROW.bfloat16(), "parameters of torch.bfloat16"),
        (Pair(), {"c": ROW}, "has no input 'c'; it takes 'a', 'b', 'times'"),
        (Pair(), [ROW, torch.ones(1, 5)], "no array: .* Several inputs are a tuple"),
        (nn.Embedding(4, 3), torch.tensor([[9]]), "cannot be exported to ONNX: index out of range"),
    ],
)
def test_what_is_no_module_for_the_rig(net: nn.Module, example: object, words: str) -> None:
    with pytest.raises(InputError, match=words):
        tinyrig.check(net, example=example)  # type: ignore[arg-type]


def test_a_traced_module_is_one() -> None:
    assert tinyrig.check(torch.jit.trace(nn.Linear(4, 3), ROW), example=ROW).runs


def test_whole_numbers_are_reals_for_a_float_input() -> None:
    net = nn.Linear(4, 3)
    given = np.array([[1, -1, 2, 0]])
    found = tinyrig.run(net, example=ROW, inputs=[given, given.astype(np.float32)])
    assert found.matches
    (one,), (other,) = (answer.values() for answer in found.outputs)
    assert np.array_equal(one, other)
