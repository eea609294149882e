"""Verdicts, exit codes and the rules of accepting: on real results, one figure changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.command import Said, check_refusal, tinyrig
from gate.changed_rig import M4, M7, base, only_result

from tinyrig.suite.bench.folder import Result, drop_result
from tinyrig.suite.bench.job import Job
from tinyrig.suite.bench.log import save_log
from tinyrig.suite.bench.outcome import Ended
from tinyrig.suite.gate.judge import judge
from tinyrig.suite.gate.policy import load_policy

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    return base(tmp_path / "base", M7), base(tmp_path / "head", M7)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    return tmp_path / "rules"


def _rewrite(folder: Path, name: str, change: Change) -> None:
    path = only_result(folder).path / name
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def _add(folder: Path, **amounts: int) -> None:
    def change(record: dict[str, Any]) -> None:
        for name, amount in amounts.items():
            place = record if name in record else record["memory"]
            place[name] += amount

    _rewrite(folder, "record.json", change)


def _gate(sides: tuple[Path, Path], rules: Path, *more: object) -> Said:
    return tinyrig("gate", "--base", sides[0], "--head", sides[1], "--policy", rules, *more)


def _verdicts(sides: tuple[Path, Path], rules: Path) -> dict[str, str]:
    found = judge(*sides, load_policy(rules))
    return {c.metric: c.verdict for c in found.changes if c.verdict != "equal"}


def test_equal_results_pass(sides: tuple[Path, Path], rules: Path) -> None:
    said = _gate(sides, rules)
    assert said.code == 0
    assert said.out.startswith("PASS")
    assert "1 job, 1 with the same firmware" in " ".join(said.out.split())
    assert "all equal" in said.out


def test_one_more_byte_fails(sides: tuple[Path, Path], rules: Path) -> None:
    _add(sides[1], flash=1)
    assert _verdicts(sides, rules) == {"flash": "worse"}
    said = _gate(sides, rules)
    assert said.code == 1
    assert said.out.startswith("FAIL")


def test_the_answer_is_a_page_too(sides: tuple[Path, Path], rules: Path, tmp_path: Path) -> None:
    _add(sides[1], instructions=1)
    page = tmp_path / "gate.html"
    said = _gate(sides, rules, "--page", page)
    assert said.code == 1 and said.out.startswith("FAIL")
    text = page.read_text(encoding="utf-8")
    assert "<h1>Gate: failed</h1>" in text and ">worse</td>" in text
    (chart,) = re.findall(r'<svg class="flame".*', text)
    assert 'class="d0"' in chart and 'class="more' not in chart, "the blocks are equal"
    refused = _gate(sides, rules, "--page", tmp_path / "no" / "gate.html")
    assert refused.code == 2


def test_less_is_better_and_passes(sides: tuple[Path, Path], rules: Path) -> None:
    _add(sides[1], instructions=-1, stack=-4)
    assert _verdicts(sides, rules) == {"instructions": "better", "stack": "better"}
    assert _gate(sides, rules).code == 0


def test_a_wrong_output_fails_even_when_it_was_wrong_before(
    sides: tuple[Path, Path], rules: Path
) -> None:
    for side in sides:
        wrong = {"verdict": "mismatch", "mismatches": 3, "first_mismatch": 0}
        _rewrite(side, "record.json", lambda record, wrong=wrong: record["check"].update(wrong))
    assert _verdicts(sides, rules) == {"mismatches": "wrong"}
    assert _gate(sides, rules).code == 1


def test_another_job_under_the_same_name_is_refused(
    sides: tuple[Path, Path], rules: Path, tmp_path: Path
) -> None:
    other = base(tmp_path / "other", M4)
    only_result(other).path.rename(other / M7.name)
    check_refusal(_gate((sides[0], other), rules), 2, "are of different jobs", M4.name)


def test_a_choice_is_refused_where_nothing_is_measured(
    sides: tuple[Path, Path], rules: Path
) -> None:
    for choice in (("--models", "nosuch"), ("--boards", "nosuch"), ("--matrix", "full")):
        for said in (_gate(sides, rules, *choice), tinyrig("compare", *sides, *choice)):
            check_refusal(said, 2, "folders of results are taken as they are")


def test_results_of_an_earlier_bench_are_told(sides: tuple[Path, Path], rules: Path) -> None:
    save_log(sides[1], [Ended(M4, 0, "", booted=True, seconds=1.0)])
    said = _gate(sides, rules)
    assert f"{M7.name} is of an earlier bench than the last" in " ".join(said.out.split())


def test_the_first_error_is_worse_and_none_at_all_is_better(
    sides: tuple[Path, Path], rules: Path
) -> None:
    _rewrite(sides[0], "record.json", lambda record: record["check"].update(sqnr_db=None))
    assert _verdicts(sides, rules) == {"output_error": "worse"}
    assert _verdicts((sides[1], sides[0]), rules) == {"output_error": "better"}


def test_an_error_that_cannot_be_told_any_more_fails(sides: tuple[Path, Path], rules: Path) -> None:
    doubt = {"kind": "oracle", "output": "y", "sqnr_db": None, "fall": None}
    check = {"sqnr_db": None, "doubt": doubt}
    _rewrite(sides[1], "record.json", lambda record: record["check"].update(check))
    assert _verdicts(sides, rules) == {"output_error": "lost"}


def test_the_first_byte_outside_the_chip_is_worse_and_the_last_one_gone_is_better(
    sides: tuple[Path, Path], rules: Path
) -> None:
    _add(sides[1], external_flash=1)
    assert _verdicts(sides, rules) == {"external_flash": "worse"}
    assert _verdicts((sides[1], sides[0]), rules) == {"external_flash": "better"}


def test_simulated_cycles_of_another_simulator_are_not_compared(
    sides: tuple[Path, Path], rules: Path
) -> None:
    for side, value in zip(sides, (10, 20), strict=True):
        cycles = {"source": "simulated", "error_percent": None, "memory": "board", "value": value}
        one = [{**cycles, "model": f"GVSoC {value}"}]
        _rewrite(side, "record.json", lambda record, one=one: record.update(cycles=one))
    assert _verdicts(sides, rules) == {"cycles_simulated": "not compared"}
    _rewrite(sides[1], "record.json", lambda record: record["cycles"][0].update(model="GVSoC 10"))
    assert _verdicts(sides, rules) == {"cycles_simulated": "worse"}


def test_a_figure_that_is_gone_fails(sides: tuple[Path, Path], rules: Path) -> None:
    _rewrite(sides[1], "record.json", lambda record: record.update(instructions=None))
    assert _verdicts(sides, rules) == {"instructions": "lost"}


def test_a_tolerance_lets_pass_up_to_its_share(sides: tuple[Path, Path], rules: Path) -> None:
    flash = only_result(sides[0]).record.memory.flash
    (rules / "tolerances.toml").write_text(
        f'[model."{M7.model}".{M7.board}]\nflash = 1\n', encoding="utf-8"
    )
    _add(sides[1], flash=flash // 100)
    assert _verdicts(sides, rules) == {"flash": "tolerated"}
    assert _gate(sides, rules).code == 0
    _add(sides[1], flash=2)
    assert _verdicts(sides, rules) == {"flash": "worse"}


@pytest.mark.parametrize(("head", "verdict"), [(1010, "tolerated"), (1011, "worse")])
def test_the_edge_of_a_tolerance_is_inside(
    sides: tuple[Path, Path], rules: Path, head: int, verdict: str
) -> None:
    for side, flash in zip(sides, (1000, head), strict=True):
        _rewrite(side, "record.json", lambda record, n=flash: record["memory"].update(flash=n))
    (rules / "tolerances.toml").write_text("[default]\nflash = 1\n", encoding="utf-8")
    assert _verdicts(sides, rules) == {"flash": verdict}


def test_a_budget_holds_its_own_value(sides: tuple[Path, Path], rules: Path) -> None:
    flash = only_result(sides[1]).record.memory.flash
    for budget, verdicts in ((flash, {}), (flash - 1, {"flash": "over budget"})):
        (rules / "budgets.toml").write_text(
            f'["{M7.model}".{M7.board}]\npeak_ram = {10**9}\nflash = {budget}\n'
            f"instructions = {10**9}\n",
            encoding="utf-8",
        )
        assert _verdicts(sides, rules) == verdicts


def test_an_accepted_figure_passes_with_its_reason(sides: tuple[Path, Path], rules: Path) -> None:
    _add(sides[1], arena=16)
    _accept(rules, only_result(sides[1]).record.memory.arena, "a second row in flight")
    assert _verdicts(sides, rules) == {"arena": "accepted"}
    said = _gate(sides, rules)
    assert said.code == 0
    assert "a second row in flight" in said.out
    # It holds for that very value: neither more nor less is accepted by it.
    _add(sides[1], arena=-8)
    assert _verdicts(sides, rules) == {"arena": "worse"}


def test_an_accepted_figure_needs_a_reason(sides: tuple[Path, Path], rules: Path) -> None:
    _accept(rules, 1, " ")
    check_refusal(_gate(sides, rules), 2, "accepted.0.reason")


def _accept(rules: Path, value: int, reason: str) -> None:
    (rules / "accepted.toml").write_text(
        f'[[accepted]]\nmodel = "{M7.model}"\nboard = "{M7.board}"\nmetric = "arena"\n'
        f'value = {value}\nreason = "{reason}"\n',
        encoding="utf-8",
    )


def test_a_budget_is_hard(sides: tuple[Path, Path], rules: Path) -> None:
    record = only_result(sides[1]).record
    assert record.instructions is not None
    (rules / "budgets.toml").write_text(
        f'["{M7.model}".{M7.board}]\npeak_ram = {record.memory.peak_ram}\n'
        f"flash = {record.memory.flash}\ninstructions = {record.instructions - 1}\n",
        encoding="utf-8",
    )
    # Even equal to the base, and even accepted.
    assert _verdicts(sides, rules) == {"instructions": "over budget"}
    said = _gate(sides, rules)
    assert said.code == 1
    assert "the budget is" in said.out


def test_a_budget_is_of_the_plain_job(rules: Path) -> None:
    (rules / "budgets.toml").write_text(
        '["m".b]\npeak_ram = 1\nflash = 2\ninstructions = 3\n', encoding="utf-8"
    )
    policy = load_policy(rules)
    assert policy.ceiling(Job(model="m", board="b"), "flash") == 2
    assert policy.ceiling(Job(model="m", board="b"), "cycles") is None
    assert policy.ceiling(Job(model="m", board="b", toolchain="gcc"), "flash") is None
    assert policy.ceiling(Job(model="m", board="b", options=("no-in-place",)), "flash") is None


def test_a_lost_job_fails_and_a_new_one_is_told(tmp_path: Path, rules: Path) -> None:
    both, one = base(tmp_path / "both", M7, M4), base(tmp_path / "one", M7)
    lost = _gate((both, one), rules)
    assert lost.code == 1
    assert f"Lost: {M4.name}" in lost.out
    new = _gate((one, both), rules)
    assert new.code == 0
    assert f"New: {M4.name}" in new.out
    drop_result(both, M4)
    assert _gate((one, both), rules).code == 0


def test_measured_cycles_are_judged_by_ranks(sides: tuple[Path, Path], rules: Path) -> None:
    times = [100_000 + 10 * index for index in range(8)]
    _measure(sides[0], times)
    _measure(sides[1], [time + 5 for time in times])
    assert _verdicts(sides, rules) == {}
    _measure(sides[1], [time + 200 for time in times])
    assert _verdicts(sides, rules) == {"cycles_measured": "worse"}
    _measure(sides[1], [time - 200 for time in times])
    assert _verdicts(sides, rules) == {"cycles_measured": "better"}
    _measure(sides[1], [time + 200 for time in times[:6]])
    assert _verdicts(sides, rules) == {"cycles_measured": "undecided"}
    assert "7 each are needed" in _gate(sides, rules).out


def _measure(folder: Path, times: list[int]) -> None:
    cycles = {
        "source": "measured",
        "model": "board",
        "value": sorted(times)[len(times) // 2],
        "error_percent": None,
        "memory": "board",
    }

    def record(document: dict[str, Any]) -> None:
        document["cycles"] = [c for c in document["cycles"] if c["source"] != "measured"]
        document["cycles"].append(cycles)

    _rewrite(folder, "record.json", record)
    _rewrite(
        folder, "evidence.json", lambda document: document.update(measured=list(map(float, times)))
    )


@pytest.mark.parametrize(("code", "fails"), [(1, False), (2, True), (3, False), (4, True)])
def test_a_new_job_that_breaks_fails(
    sides: tuple[Path, Path], rules: Path, tmp_path: Path, code: int, fails: bool
) -> None:
    new = Ended(Job(model="own", board="stm32f427"), code, "no such", booted=False, seconds=0.0)
    save_log(sides[1], [Ended(M7, 0, "", booted=True, seconds=1.0), new])
    said = _gate(sides, rules, "--format", "junit")
    assert said.code == fails
    assert said.out.count("without results") == fails
    told = " ".join(_gate(sides, rules).out.split())
    assert ("Broken: own@stm32f427@zig@embedded is new in the head" in told) == fails
    save_log(sides[0], [new])  # it broke before
    assert _gate(sides, rules).code == 0
    (tmp_path / "nothing").mkdir()
    assert judge(tmp_path / "nothing", sides[1], load_policy(rules)).passed  # nobody knows


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("tolerances.toml", "[default]\nflash = -1\n", "default.flash"),
        ("tolerances.toml", "[default]\nspeed = 1\n", "default"),
        ("tolerances.toml", "[default\n", "TOML"),
        ("accepted.toml", '[[accepted]]\nmodel = "m"\n', "accepted.0.board"),
        ("budgets.toml", '["m".b]\nram = 1\n', "m.b.peak_ram"),
    ],
)
def test_bad_rules_are_refused(
    sides: tuple[Path, Path], rules: Path, file: str, text: str, words: str
) -> None:
    (rules / file).write_text(text, encoding="utf-8")
    check_refusal(_gate(sides, rules), 2, file, words)


def test_bad_sides_are_refused(sides: tuple[Path, Path], rules: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    check_refusal(_gate((sides[0], empty), rules), 2, "holds no results")
    _rewrite(sides[1], "record.json", lambda record: record.update(schema=99))
    check_refusal(_gate(sides, rules), 2, "schema 99")
    other = Result(sides[0] / M7.name).path / "checked.elf"
    other.write_bytes(other.read_bytes()[:-1])
    check_refusal(_gate(sides, rules), 2)
