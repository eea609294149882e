"""Searches: what the judge says, how the algorithms move, and a whole search on the digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from cli.command import Said, tinyrig

from tinyrig.generator.errors import InputError
from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Conv, Linear
from tinyrig.generator.planning.board import load_board
from tinyrig.generator.planning.estimate import Estimator
from tinyrig.suite.models.pruning import apply, masks, prunable
from tinyrig.suite.records.record import load_record
from tinyrig.suite.search.analysis import Analysis, adjusted
from tinyrig.suite.search.baselines import search_nsga2, search_random
from tinyrig.suite.search.budget import Budget
from tinyrig.suite.search.evolution import Evolution
from tinyrig.suite.search.evolved_space import Point, moved, search_mcuformer, slopes
from tinyrig.suite.search.finish import quantized
from tinyrig.suite.search.journal import Journal, Trial
from tinyrig.suite.search.judge import Judge, Limits, Resources, judge_graph, paper_ram, planned
from tinyrig.suite.search.run import SPACES, load_space
from tinyrig.suite.search.setting import Effort, Setting
from tinyrig.suite.search.space import Choices
from tinyrig.suite.search.supernet import Lesson
from tinyrig.suite.search.tools import Tools
from tinyrig.suite.training.data.sources import load_source
from tinyrig.suite.training.recipe import Recipe

_DIGITS = load_source("digits")


@pytest.mark.parametrize(
    ("name", "board"), [("tinyformer", "stm32f427"), ("mcuformer", "stm32h743")]
)
def test_sketches_cost_what_the_trained_networks_do(name: str, board: str) -> None:
    space = load_space(name, _DIGITS)
    rng = np.random.default_rng(5)
    estimator = Estimator(load_board(board), planned(Limits()))
    config = {**space.outer.draw(rng), **space.inner.draw(rng)}
    network = space.plain(config, 1)
    apply(network, masks(network, space.sparsity(config)))
    network.train()
    with torch.no_grad():
        network(torch.from_numpy(_DIGITS.training.values(slice(0, 64))))
    _, case = quantized(network, _DIGITS)
    sketch = space.graph(config)
    alike = judge_graph(_with_zeros_of(case.graph, sketch), estimator)
    real, drawn = (judge_graph(g, estimator) for g in (case.graph, sketch))
    # With the same zeros, a sketch has but attention dearer that a few scales let off rounding.
    assert real.cycles <= alike.cycles <= 1.05 * real.cycles, config
    assert (real.ram, real.paper_ram) == (drawn.ram, drawn.paper_ram)
    assert drawn.cycles == pytest.approx(real.cycles, rel=0.05)
    # Tables of exponentials end where they reach 0, which depends on scales.
    assert real.flash == pytest.approx(drawn.flash, rel=0.02)


def _with_zeros_of(real: Graph, sketch: Graph) -> Graph:
    """Return a sketch whose weights are zero where those of a trained network are."""
    given = iter([node.weight for node in real.nodes if isinstance(node, Linear | Conv)])
    nodes = tuple(
        replace(node, weight=np.where(next(given) == 0, 0, node.weight | 1).astype(np.int8))
        if isinstance(node, Linear | Conv)
        else node
        for node in sketch.nodes
    )
    assert next(given, None) is None
    return replace(sketch, nodes=nodes)


@pytest.mark.parametrize("name", SPACES)
def test_a_path_is_extracted_as_it_was_trained(name: str) -> None:
    space = load_space(name, _DIGITS)
    rng = np.random.default_rng(2)
    outer = space.outer.draw(rng)
    shared = space.supernet(outer, 4)
    pixels = torch.from_numpy(_DIGITS.training.values(slice(0, 8)))
    for _ in range(4):
        config = {**outer, **space.inner.draw(rng)}
        logits = shared.forward(config, pixels)
        network = shared.extract(config).train()
        assert torch.equal(network(pixels), logits)
        assert space.words(config)
    before = {name: value.clone() for name, value in shared.state().items()}
    shared.forward(config, pixels).sum().backward()
    with torch.no_grad():
        for parameter in shared.parameters():
            if parameter.grad is not None:
                parameter.sub_(0.1 * parameter.grad)
    moved_on = [n for n, v in shared.state().items() if not torch.equal(v, before[n])]
    assert 0 < len(moved_on) < len(before) or name == "mcuformer"


def test_sparsity_follows_the_modules() -> None:
    space = load_space("tinyformer", _DIGITS)
    rng = np.random.default_rng(1)
    config = {**space.outer.draw(rng), **space.inner.draw(rng)}
    config |= {name: 0.0 for name in config if name.startswith("sparsity.")}
    assert space.sparsity(config) == {}
    config |= {"sparsity.last": 0.6, "block.last": 2}
    assert space.sparsity(config) == {"last": (0.6, 2)}
    config |= {"sparsity.transformer1.0": 0.5, "block.transformer1.0": 4}
    place = space.parts(config).index("transformer1.0")
    named = {n for n in prunable(space.plain(config, 1)) if n.startswith(f"body.{place}.")}
    assert set(space.sparsity(config)) == {"last", *named}


def test_resources_and_their_limits() -> None:
    needs = Resources(ram=120, flash=50, cycles=10, weights=1, paper_ram=300)
    assert needs.excess(Limits(100, 100, None)) == pytest.approx(0.2)
    assert needs.excess(Limits(120, 50, 10)) == pytest.approx(0.0)
    assert needs.excess(Limits(150, None, None), paper=True) == pytest.approx(1.0)


def test_paper_memory_counts_weights() -> None:
    space = load_space("mcuformer", _DIGITS)
    config = {
        **space.outer.draw(np.random.default_rng(0)),
        **space.inner.draw(np.random.default_rng(0)),
    }
    shape = space.shape(config)
    least = shape.heads[0] * shape.width * shape.embed + shape.tokens * shape.embed
    assert paper_ram(space.graph(config)) >= least


def test_space_moves_to_where_the_score_rises() -> None:
    points = [Point((x, y), 1, 0.5 + 0.02 * x - 0.001 * y) for x in range(4) for y in range(3)]
    found = slopes(points, points[4])
    assert found == pytest.approx((0.02, -0.001))
    assert moved((4, 2), found, (12, 5)) == (7, 2)
    assert moved((4, 2), (-0.02, 0.02), (12, 5)) == (1, 3)
    assert moved((11, 0), (0.5, -0.5), (12, 5)) == (11, 0)
    # Without neighbours of as many trainings, those of one fewer; without any, it stays.
    alone = Point((1, 1), 2, 0.7)
    assert slopes([*points, alone], alone)[0] != 0.0
    assert slopes([alone], alone) == (0.0, 0.0)


def test_dimensions_are_adjusted_as_the_paper_says() -> None:
    # k = 0.5 + 0.1; b = 96 + (1.0 - 0.5) / (2.0 - 0.5) * 160.
    found = Analysis(drawn=40, fitting=20, accepted=10, least=500, mean=1000.0, most=2000)
    middle = (96 + 128 + 256) / 3
    begin = 96 + 160 / 3
    wanted = [4 * round((0.6 * (x - middle) + begin) / 4) for x in (96, 128, 256)]
    assert adjusted((96, 128, 256), found) == tuple(wanted)


def test_evolution_draws_crosses_and_changes() -> None:
    choices = Choices({name: tuple(range(5)) for name in "abcdef"})
    evolution, rng = Evolution(population=4, parents=2, chance=0.0), np.random.default_rng(0)
    parents = [dict.fromkeys("abcdef", value) for value in (1, 2)]
    scored = [(0.9, parents[0]), (0.8, parents[1]), (0.1, dict.fromkeys("abcdef", 4))]
    children = [evolution.next(choices, scored, 6, rng) for _ in range(20)]
    assert all(set(child.values()) <= {1, 2} for child in children)
    assert any(set(child.values()) == {1, 2} for child in children)
    for _ in range(20):
        child = evolution.next(choices, scored, 7, rng)
        assert min(sum(child[n] != p[n] for n in child) for p in parents) <= 1


def test_journal_answers_and_refuses(tmp_path: Path) -> None:
    choices = Choices({"a": (1, 2), "b": ("x", "y")})
    needs = Resources(1, 2, 3, 4, 5)

    def ask(journal: Journal, value: int, *, over: float = 0.0, known: bool = False) -> float:
        def accuracy() -> float:
            assert not known
            return value / 10

        trial = journal.trial("s", {"a": value, "b": "x"}, lambda: needs, lambda _: over, accuracy)
        return trial.accuracy if trial.accuracy is not None else -1.0

    first = Journal(tmp_path, choices)
    assert [ask(first, 1), ask(first, 2, over=0.5)] == [0.1, -1.0]
    with (tmp_path / "journal.log").open("ab") as stream:
        stream.write(b'{"op_code": 4, "wor')
    again = Journal(tmp_path, choices)
    assert [ask(again, 1, known=True), ask(again, 2, known=True)] == [0.1, -1.0]
    assert again.trials[1].excess == 0.5
    assert ask(again, 1) == 0.1
    with pytest.raises(InputError, match="another search"):
        ask(Journal(tmp_path, choices), 2)


@pytest.mark.parametrize("algorithm", [search_random, search_nsga2, search_mcuformer])
def test_the_same_seed_gives_the_same_trials(
    algorithm: Callable[[Tools], list[Trial]], tmp_path: Path
) -> None:
    space = load_space("mcuformer", _DIGITS)
    limits = Limits(ram=4_000)

    def search(seed: int, name: str) -> list[Trial]:
        (tmp_path / name).mkdir()
        images = _DIGITS.training
        recipe = Recipe(epochs=1, batch=16, peak_rate=2e-3, flips=False, seed=seed)
        parts = images.take(slice(0, 200)), images.take(slice(200, 300))
        tools = Tools(
            space,
            Judge(space, load_board("stm32f427"), limits),
            Journal(tmp_path / name, Choices({**space.outer.values, **space.inner.values})),
            Lesson(*parts, recipe, seed, tmp_path / name),
            Setting("random", seed, Effort(1, 3, paths=2, trials=6)),
            Budget(tmp_path / name / "time.json", None),
            lambda _: None,
        )
        algorithm(tools)
        return tools.journal.trials

    one, again, other = search(1, "one"), search(1, "again"), search(2, "other")
    assert one == again
    assert [t.config for t in one] != [t.config for t in other]
    assert len(one) == 8
    for trial in one:
        assert trial.fits == (trial.resources.ram <= 4_000) == (trial.accuracy is not None)


_LIMITS = {"--max-ram": 6_000, "--max-flash": 120_000, "--max-cycles": 1_000_000}


def _search(folder: Path, space: str, *more: object) -> Said:
    return tinyrig(
        *("search", space, "--data", "digits", "--board", "stm32f427", "-o", folder),
        *("--trials", 3, "--supernets", 1, "--steps", 20, "--final-steps", 100, *more),
    )


def _told(folder: Path) -> list[tuple[object, ...]]:
    """Return the trials that a folder keeps."""
    space = load_space("mcuformer", _DIGITS)
    journal = Journal(folder, Choices({**space.outer.values, **space.inner.values}))
    return [(t.stage, sorted(t.config.items()), t.accuracy, t.resources) for t in journal.kept]


def test_a_search_whole_killed_and_again(tmp_path: Path) -> None:
    limits = [word for pair in _LIMITS.items() for word in pair]
    said = _search(tmp_path / "one", "mcuformer", *limits)
    assert said.code == 0, said.err
    assert "MATCH" in said.out
    assert "MISMATCH" not in said.out
    record = load_record(tmp_path / "one" / "record.json")
    assert record.memory.peak_ram <= _LIMITS["--max-ram"]
    assert record.memory.flash <= _LIMITS["--max-flash"]
    assert min(one.value for one in record.cycles) <= _LIMITS["--max-cycles"]
    assert onnx.load(tmp_path / "one" / "network.onnx").graph.output[0].name == "logits"
    whole = _told(tmp_path / "one")
    # As a kill leaves it: the last trials missing, one of them half written.
    journal = tmp_path / "one" / "journal.log"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-2]) + lines[-2][:40])
    for left in (tmp_path / "one").glob("final-*.ckpt"):
        left.unlink()
    again = _search(tmp_path / "one", "mcuformer", *limits)
    assert again.out == said.out
    assert _told(tmp_path / "one") == whole
    refused = _search(tmp_path / "one", "tinyformer", *limits)
    assert (refused.code, refused.out) == (2, "")
    assert "another search" in refused.err


def test_limits_that_nothing_keeps_end_with_3(tmp_path: Path) -> None:
    said = tinyrig(
        *("search", "mcuformer", "--data", "digits", "--board", "stm32f427", "-o", tmp_path / "s"),
        *("--trials", 2, "--supernets", 1, "--steps", 1, "--max-ram", 100),
    )
    # On a slow machine stages are told before.
    assert (said.code, said.out) == (3, "")
    assert "keeps the limits" in said.err.splitlines()[-1]
