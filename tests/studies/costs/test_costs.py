"""Costs of kernels: single calls as firmware makes them, terms that fit, predictions that hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tinyrig.generator.errors import InputError
from tinyrig.generator.planning.binding import bind
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.call import Call
from tinyrig.generator.planning.costs import (
    FOLDER,
    Fitted,
    cycles_of,
    fetch_waits,
    fitted_costs,
    with_words,
)
from tinyrig.generator.planning.expression import evaluate
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.generator.planning.plan import Plan, make_plan
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.cli.bench_costs import fit_kernels
from tinyrig.suite.cycles import model_cycles
from tinyrig.suite.rig.firmware import make_firmware
from tinyrig.suite.studies.costs.cached import cached_spent
from tinyrig.suite.studies.costs.check import LayerCost, NetworkCost, choices
from tinyrig.suite.studies.costs.fit import (
    Measured,
    fit_costs,
    fitted,
    narrow_cache,
    small_cache,
    suits,
)
from tinyrig.suite.studies.costs.machine import Job, KernelMachine, Spent
from tinyrig.suite.studies.costs.nonnegative import nonnegative
from tinyrig.suite.studies.costs.sweep import Sampled, samples, swept_operators
from tinyrig.suite.studies.costs.tables import write_costs
from tinyrig.suite.studies.costs.terms import terms_of
from tinyrig.suite.studies.kernels import graphs
from tinyrig.suite.studies.kernels.checking.image import build_image
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARD = load_board("stm32f427")
OPERATORS = ("unary_s8", "softmax_s8", "linear_s8", "layernorm_s8")


def kernels_of(*ops: str) -> list[Kernel]:
    return [kernel for kernel in all_kernels() if kernel.op in ops and kernel.isa in BOARD.isa]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelMachine]:
    folder: Path = tmp_path_factory.mktemp("kernels")
    image = build_image(folder, BOARD, "zig", kernels_of(*OPERATORS))
    with closing(KernelMachine(image, BOARD.core)) as made:
        yield made


@pytest.mark.parametrize("seed", range(6))
def test_coefficients_are_those_of_scipy(seed: int) -> None:
    from scipy.optimize import nnls

    rng = np.random.default_rng(seed)
    terms, wanted = rng.uniform(0, 1, (40, 12)), rng.uniform(-1, 2, 40)
    found = nonnegative(terms, wanted)
    assert found.min() >= 0
    assert np.allclose(found, nnls(terms, wanted)[0], atol=1e-8)


def test_a_call_alone_takes_what_it_takes_in_firmware(machine: KernelMachine) -> None:
    graph = graphs.linear(21, 48, 30)
    raw = bytes(range(256)) * 4
    firmware = make_firmware(graph, BOARD, load_toolchain("zig"), raw[: 21 * 48])
    boot = backend("embedded").run(firmware.checked, BOARD, profile=True)
    assert boot.profile is not None
    (real,) = (
        cycles
        for step, cycles in model_cycles(boot.profile, firmware.checked, BOARD.core)
        .by_step()
        .items()
        if step is not None
    )
    plan = firmware.plan
    call = next(islice(samples("linear_s8", 1), 1))  # another call leaves nothing behind
    job = Job(plan.steps[0].kernel, _bound(plan), plan.schedule.storages)
    other = Job(job.kernel, call.call, call.storages)
    if suits(job.kernel, call):
        machine.cycles([other])
    (alone,) = machine.cycles([job])
    assert alone == pytest.approx(real, rel=0.01)
    assert machine.cycles([job, job]) == [alone, alone]


def test_a_call_does_not_see_what_another_left(machine: KernelMachine) -> None:
    (kernel,) = (one for one in kernels_of("layernorm_s8") if one.isa != "ref")
    calls = (one for one in samples("layernorm_s8", 5) if one.call.params["length"] == 64)
    one = next(calls)
    jobs = [Job(kernel, one.call, one.storages)]
    usual = machine.cycles(jobs)
    machine.write(0x2001_0000, bytes(1 << 16))  # rows of one value are normalised by themselves
    assert machine.cycles(jobs) == usual


def _bound(plan: Plan) -> Call:
    return bind(plan.graph, plan.schedule.steps[0])[0]


@pytest.mark.parametrize("op", swept_operators())
def test_random_calls_are_the_same_for_a_seed_and_every_term_reads_them(op: str) -> None:
    one, two = (list(islice(samples(op, 5), 4)) for _ in range(2))
    assert [a.call.params.keys() for a in one] == [b.call.params.keys() for b in two]
    assert [a.call.writes for a in one] == [b.call.writes for b in two]
    own = [kernel.name for kernel in all_kernels() if kernel.op == op]
    for sampled in one:
        fields = {**sampled.call.params, "cores": 1, "blocks": 1, "balanced": 1}
        for every in (terms_of(op), *(terms_of(op, name) for name in own)):
            assert every.words_of(every.terms).keys() == every.words.keys()
            known = with_words(fields, every.words_of(every.terms))
            assert all(evaluate(term, known) >= 0 for term in every.terms)
        assert any(kernel.accepts(sampled.call) for kernel in kernels_of(op))


def test_kernels_of_a_section_have_its_terms_and_others_the_operator_s() -> None:
    own, general = terms_of("conv2d_s8", "tr_conv2d_s8_w16_3x2__m7"), terms_of("conv2d_s8")
    assert own != general == terms_of("conv2d_s8", "tr_conv2d_s8_sparse4__ref")
    assert own == terms_of("conv2d_s8", "tr_conv2d_s8_3x2__m4")
    assert terms_of("linear_s8", "tr_linear_s8_w16_2x4__m4") != terms_of("linear_s8")
    assert terms_of("linear_s8", "tr_linear_s8__ref") == terms_of("linear_s8")


def test_rows_of_as_many_blocks_are_told_from_others() -> None:
    kernel = next(one for one in all_kernels() if one.name == "tr_linear_s8_sparse4__m4")
    form = SPARSE_FORMATS[kernel.pack]
    shape = (6, 64, 16)
    whole, equal = (
        kernel.cost_fields(_bound(make_plan(graphs.sparse_linear(shape, form, 0.25, kind), BOARD)))
        for kind in ("magnitude", "balanced")
    )
    assert (whole["balanced"], equal["balanced"], equal["blocks"]) == (0, 1, 64)


def test_terms_are_found_again_and_the_rest_is_left_out() -> None:
    kernel = kernels_of("softmax_s8")[0]
    calls = list(islice(samples("softmax_s8", 2), 60))

    def cycles(sampled: Sampled) -> float:
        rows = sampled.call.params["outer0"] * sampled.call.params["outer1"]  # type: ignore[operator]
        return 300.0 + rows * (40 + 7 * sampled.call.params["length"])  # type: ignore[operator]

    found = fitted(Measured(kernel, calls, [Spent(cycles(one), 0.0) for one in calls]))
    assert found.points == 60
    assert found.worst < 0.1
    assert found.terms["1"] == pytest.approx(300, rel=0.02)


def test_tables_are_read_back_as_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {"WORD": "m * n", "OTHER": "(WORD > 3) * k"}
    plain = Fitted(12, 0.5, 3.25, {"1": 20.5, "m * (n // 4)": 1.25})
    fetched = {"m": 0.5, "OTHER": 3.0}
    named = Fitted(12, 0, 1, {"WORD": 2.0}, fetched, {"m": 1.5, "WORD": 3.0}, words)
    folder = tmp_path / FOLDER / BOARD.core
    monkeypatch.setenv("TINYRIG_PATH", str(tmp_path))
    write_costs(folder, {"tr_a__m4": plain, "tr_b__m4": plain}, whole=True)
    write_costs(folder, {"tr_b__m4": named}, whole=False)
    read = fitted_costs(BOARD.core)
    assert (read["tr_a__m4"], read["tr_b__m4"]) == (plain, named)
    assert named.cycles({"m": 2, "n": 3, "k": 7}) == 12
    assert named.waits({"m": 2, "n": 3, "k": 7}, narrow=False) == 22
    assert named.waits({"m": 2, "n": 3, "k": 7}, narrow=True) == 21
    assert replace(named, narrow={}).waits({"m": 2, "n": 3, "k": 7}, narrow=True) == 22
    assert plain.waits({"m": 2, "n": 3}, narrow=True) == 0
    write_costs(folder, {"tr_b__m4": named}, whole=True)
    assert [path.name for path in folder.iterdir()] == ["tr_b__m4.toml"]


def test_predictions_of_other_calls_hold(machine: KernelMachine) -> None:
    known = fitted_costs(BOARD.core)
    for kernel in kernels_of("unary_s8", "softmax_s8"):
        if kernel.isa == "ref" or kernel.name not in known:
            continue
        suited = (one for one in samples(kernel.op, 41) if suits(kernel, one))
        calls = list(islice(suited, 12))
        found = machine.cycles([Job(kernel, one.call, one.storages) for one in calls])
        for one, cycles in zip(calls, found, strict=True):
            if cycles > 10_000:
                assert cycles_of(kernel, one.call, BOARD.core) == pytest.approx(cycles, rel=0.1)


def test_kernels_are_chosen_near_the_best(machine: KernelMachine) -> None:
    found = list(choices(BOARD, kernels_of("linear_s8"), 12, machine.spent, 977))
    assert len(found) == 12
    assert all(one.cycles >= one.least for one in found)
    assert sum(one.lost <= 2 for one in found) >= 10


def test_kernels_that_share_no_calls_leave_nothing_to_choose(machine: KernelMachine) -> None:
    apart = kernels_of("mean_s8", "softmax_s8")
    assert sum(kernel.op == "mean_s8" and kernel.isa != "ref" for kernel in apart) > 1
    assert list(choices(BOARD, apart, 12, machine.spent, 977)) == []


def test_a_network_is_off_by_its_sum_and_its_worst_large_layer() -> None:
    layers = (
        LayerCost("small", "a", 900, 500.0),
        LayerCost("large", "b", 19_000, 20_000.0),
        LayerCost("larger", "c", 51_000, 50_000.0),
    )
    found = NetworkCost("net", "board", layers)
    assert found.off == pytest.approx(100 * (70_900 / 70_500 - 1))
    assert found.worst.name == "large"


def test_waits_for_code_are_of_small_caches_and_fit_beside_the_cycles(tmp_path: Path) -> None:
    kernel = kernels_of("softmax_s8")[0]
    image = build_image(tmp_path, BOARD, "zig", [kernel])
    calls = list(islice(samples("softmax_s8", 3), 4))
    jobs = [Job(kernel, one.call, one.storages) for one in calls]
    point = small_cache(BOARD)
    assert point is not None
    line = replace(point.code_cache, sets=1, ways=1)
    made = {}
    for name, at in ("none", None), ("whole", point), ("line", replace(point, code_cache=line)):
        with closing(KernelMachine(image, BOARD.core, at)) as machine:
            made[name] = cached_spent(machine, image, jobs)
    for none, whole, one in zip(made["none"], made["whole"], made["line"], strict=True):
        assert none.cycles == whole.cycles == one.cycles
        assert 0 == none.waits <= whole.waits < one.waits
    spent = made["none"]
    wide, narrow = ([Spent(one.cycles, one.cycles / part) for one in spent] for part in (4, 2))
    found = fitted(Measured(kernel, calls, wide, narrow))
    for one, call in zip(spent, calls, strict=True):
        fields = kernel.cost_fields(call.call)
        for part in (4, 2):
            waits = found.waits(fields, narrow=part == 2)
            assert waits == pytest.approx(found.cycles(fields) / part, rel=0.01)
        assert found.cycles(fields) == pytest.approx(one.cycles, rel=0.1)


def test_calls_are_made_once(tmp_path: Path) -> None:
    kernel = kernels_of("softmax_s8")[0]
    image = build_image(tmp_path, BOARD, "zig", [kernel])
    call, other = islice(samples("softmax_s8", 4), 2)
    jobs = [Job(kernel, one.call, one.storages) for one in (call, other)]
    with closing(KernelMachine(image, BOARD.core)) as made:
        first = cached_spent(made, image, jobs)
    ended = made  # its emulator is gone: what it is asked now can only be remembered
    assert cached_spent(ended, image, jobs) == first
    assert first[0] != first[1]


def test_code_is_waited_for_on_a_board_with_a_small_cache_alone() -> None:
    kernel = next(one for one in all_kernels() if one.name == "tr_conv2d_s8_3x2__m4")
    call = next(one for one in samples("conv2d_s8", 1) if suits(kernel, one)).call
    assert fetch_waits(kernel, call, load_board("stm32f427")) > 0
    assert fetch_waits(kernel, call, load_board("stm32l4r5")) > 0
    assert fetch_waits(kernel, call, load_board("stm32f746")) == 0
    assert fetch_waits(kernel, call, load_board("gap9")) == 0


def test_code_in_narrow_lines_is_waited_for_longer() -> None:
    """A cache of narrow lines holds as many bytes, and prefetching hides half as much of a wait."""
    one, two = load_board("stm32l4r5:single-bank"), load_board("stm32l4r5:dual-bank")
    kernel = next(one for one in all_kernels() if one.name == "tr_attention_s8_3x2__m4")
    calls = [one.call for one in islice(samples("attention_s8", 1), 20) if suits(kernel, one)]
    assert calls
    for call in calls:
        assert fetch_waits(kernel, call, two) > 1.5 * fetch_waits(kernel, call, one)


def test_lines_are_as_narrow_as_those_of_a_board_of_the_core() -> None:
    (point,) = narrow_cache(BOARD)
    assert point == load_board("stm32l4r5:dual-bank").operating_point
    assert narrow_cache(load_board("stm32h743")) == []


@pytest.mark.night
def test_one_kernel_is_fitted_as_it_is_among_all(tmp_path: Path) -> None:
    found = fit_costs(BOARD, "zig", tmp_path, lambda _: None, ["tr_fill_s8__m4"])
    assert found == {"tr_fill_s8__m4": fitted_costs(BOARD.core)["tr_fill_s8__m4"]}


def test_a_kernel_that_no_board_runs_is_not_fitted() -> None:
    with pytest.raises(InputError, match="tr_fill_s8__xpulp"):
        fit_kernels(["stm32f427"], "zig", ["tr_fill_s8__xpulp"])
