"""Records on disk: the stable fields, and files that are no record of ours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from records.sample_record import CHECK, RECORD

from tinyrig.generator.errors import InputError
from tinyrig.suite.records.cycle_split import PARTS, CycleSplit
from tinyrig.suite.records.record import Record, load_record

STABLE = {
    "": "schema model board backend toolchain elf_sha256 options check instructions cycles memory "
    "layers host started seconds",
    "model": "name sha256 macs parameters",
    "backend": "name version",
    "toolchain": "name version flags",
    "check": "verdict elements mismatches first_mismatch sqnr_db argmax_agreement",
    "memory": "arena static stack peak_ram ram_limit flash flash_code flash_weights flash_tables "
    "flash_limit",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    target = tmp_path / "record.json"
    RECORD.save(target)
    return target


def test_round_trip(path: Path) -> None:
    assert load_record(path) == RECORD
    assert load_record(path).to_json() == path.read_text()


@pytest.mark.parametrize("section", STABLE)
def test_stable_fields(path: Path, section: str) -> None:
    raw = json.loads(path.read_text())
    assert set(STABLE[section].split()) <= set(raw[section] if section else raw)


def test_stable_fields_of_layers_and_cycles(path: Path) -> None:
    raw = json.loads(path.read_text())
    assert {"name", "op", "kernel", "macs", "instructions", "cycles", "arena"} <= set(
        raw["layers"][0]
    )
    assert {"source", "model", "value", "error_percent", "memory"} <= set(raw["cycles"][0])
    assert raw["schema"] == 1


def test_a_layer_may_have_its_cycles_by_cause(tmp_path: Path) -> None:
    parts = (40, 8, 4, 4, 8, 0, 18)
    split = CycleSplit.of(8, 10, dict(zip(PARTS, parts, strict=False)))
    assert (split.dma, split.barrier, split.other) == (0, 18, -2)
    assert split.cycles == 10
    assert split.mean("compute") == 5.0
    layers = (RECORD.layers[0].model_copy(update={"split": split}), RECORD.layers[1])
    path = tmp_path / "r.json"
    RECORD.model_copy(update={"layers": layers}).save(path)
    assert load_record(path).layers == layers
    raw = json.loads(path.read_text())
    assert list(raw["layers"][0]["split"]) == ["cores", *PARTS]
    assert raw["layers"][1]["split"] is None
    raw["layers"][0]["split"]["dma"] = -1
    path.write_text(json.dumps(raw))
    with pytest.raises(InputError, match=r"layers\.0\.split\.dma"):
        load_record(path)


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_a_ratio_json_cannot_hold_is_still_json(tmp_path: Path, value: float) -> None:
    """Equal tensors have an infinite signal to noise ratio; the file is plain JSON all the same."""
    record = RECORD.model_copy(update={"check": CHECK.model_copy(update={"sqnr_db": value})})
    record.save(tmp_path / "r.json")
    text = (tmp_path / "r.json").read_text()
    assert "Infinity" not in text
    json.loads(text, parse_constant=pytest.fail)
    assert load_record(tmp_path / "r.json").check.verdict == "match"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read record"):
        load_record(tmp_path / "none.json")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated(path: Path, share: float) -> None:
    text = path.read_text().rstrip()
    path.write_text(text[: int(len(text) * share)])
    with pytest.raises(InputError, match="not a whole record"):
        load_record(path)


def test_bytes_that_are_no_text(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00{}")
    with pytest.raises(InputError, match="not a whole record"):
        load_record(path)


@pytest.mark.parametrize("schema", [2, 0, "1", None, 1.5, True, [1]])
def test_another_schema(path: Path, schema: object) -> None:
    raw = json.loads(path.read_text())
    raw["schema"] = schema
    path.write_text(json.dumps(raw))
    with pytest.raises(InputError, match=r"schema .*this tinyrig reads schema 1"):
        load_record(path)


@pytest.mark.parametrize("text", ["[]", "3", '"x"', "null", "{}"])
def test_json_that_is_no_record(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(InputError, match="schema None"):
        load_record(path)


EDITS: dict[str, Any] = {
    "instructions": [-1, "many", 1.5],
    "board": [None, 3],
    "check.verdict": ["fine", None],
    "check.mismatches": [-1],
    "memory.arena": [-5, "20"],
    "layers": [None, [{}], "x"],
    "cycles": [[{"source": "guessed"}]],
    "seconds": ["long"],
}


@pytest.mark.parametrize(("field", "value"), [(k, v) for k, vs in EDITS.items() for v in vs])
def test_hand_edited(path: Path, field: str, value: object) -> None:
    raw = json.loads(path.read_text())
    *sections, last = field.split(".")
    target = raw
    for section in sections:
        target = target[section]
    target[last] = value
    path.write_text(json.dumps(raw))
    with pytest.raises(InputError) as caught:
        load_record(path)
    assert str(path) in str(caught.value)
    assert field in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "edit",
    [
        {"verdict": "mismatch"},
        {"mismatches": 1},
        {"first_mismatch": 0},
        {"verdict": "mismatch", "mismatches": CHECK.elements + 1, "first_mismatch": 0},
    ],
)
def test_a_verdict_that_its_counts_contradict(path: Path, edit: dict[str, Any]) -> None:
    raw = json.loads(path.read_text())
    raw["check"].update(edit)
    path.write_text(json.dumps(raw))
    with pytest.raises(InputError, match=r"check: .*mismatches"):
        load_record(path)


def test_a_field_too_many_or_too_few(path: Path) -> None:
    raw = json.loads(path.read_text())
    path.write_text(json.dumps({**raw, "colour": "blue"}))
    with pytest.raises(InputError, match="colour"):
        load_record(path)
    del raw["board"]
    path.write_text(json.dumps(raw))
    with pytest.raises(InputError, match="board"):
        load_record(path)


def test_records_are_values() -> None:
    with pytest.raises(ValueError, match="frozen"):
        RECORD.board = "other"  # type: ignore[misc]
    assert Record.model_validate_json(RECORD.to_json()) == RECORD
