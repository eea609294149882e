"""The settings of an ablation: off, alone, added one by one, left out, on."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from tinyrig.generator.errors import InputError
from tinyrig.generator.options import ALL, NONE, Options, parse_options
from tinyrig.suite.studies.ablation.variants import as_stated, other_values, variants

CHOOSING = {"optimize", "cycles", "max_ram", "max_flash", "max_cycles"}
SWITCHES = [entry.name for entry in fields(Options) if entry.name not in CHOOSING]
IN_ALL = [name for name in SWITCHES if getattr(ALL, name) != getattr(NONE, name)]


def differing(one: Options, two: Options) -> list[str]:
    return [name for name in SWITCHES if getattr(one, name) != getattr(two, name)]


def test_begins_with_none_and_ends_with_all_and_what_is_taken_of_it() -> None:
    *stated, taken, streamed = variants()
    assert stated[0].options == as_stated(NONE)
    assert stated[-1].options == as_stated(ALL)
    assert {one.options.optimize for one in stated} == {"none"}
    assert (taken.group, taken.options) == ("taken", ALL)
    assert (streamed.group, streamed.label) == ("taken", "input-streaming")
    assert streamed.options == replace(ALL, input_streaming=True)


def test_every_value_of_every_switch_runs_alone() -> None:
    alone = [v for v in variants() if v.group == "alone"]
    assert {name for v in alone for name in differing(v.options, NONE)} == set(SWITCHES)
    assert all(len(differing(v.options, NONE)) == 1 for v in alone)
    labels = {v.label for v in alone}
    assert {"attention=depth-first", "attention=head-streamed", "arena=greedy"} <= labels
    assert len(labels) == len(alone)


def test_every_switch_is_left_out_once() -> None:
    left_out = [v for v in variants() if v.group == "left out"]
    assert [differing(v.options, ALL) for v in left_out] == [[name] for name in IN_ALL]


def test_waterfall_adds_one_switch_at_a_time() -> None:
    added = [v.options for v in variants() if v.group == "added"]
    steps = [differing(a, b) for a, b in zip([NONE, *added], added, strict=False)]
    assert sorted(name for (name,) in steps) == sorted(IN_ALL)
    assert steps[0] == ["arena"]
    assert added[-1] == as_stated(ALL)


def test_labels_are_command_line_words() -> None:
    for start in (NONE, ALL):
        for label, options in other_values(start):
            word = "none" if start is NONE else "all"
            assert parse_options([word, label], []) == options
            if label.startswith("no-"):
                assert parse_options([word], [label.removeprefix("no-")]) == options


def test_the_words_of_options_are_those_that_set_them() -> None:
    others = [other for start in (NONE, ALL) for _, other in other_values(start)]
    odd = replace(ALL, low_rank=0.123456789, max_ram=1, cycles="0ws")
    for options in (NONE, ALL, odd, *others):
        assert parse_options(options.words(), ()) == options


@pytest.mark.parametrize("word", ["no-", "no-no-in-place", "no-all", "no-optimize=ram", "no-x"])
def test_a_word_that_switches_nothing_off_is_refused(word: str) -> None:
    with pytest.raises(InputError, match="There is no optimisation"):
        parse_options([word], ())
