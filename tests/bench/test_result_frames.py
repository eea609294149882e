"""Results as frames and CSV: every figure in its own column, whole numbers whole."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from bench.tiny import TINY, measured
from cli.command import tinyrig

from tinyrig.generator.errors import InputError
from tinyrig.suite.bench.folder import save_result
from tinyrig.suite.bench.frames import load_layers, load_results, save_csv, save_json
from tinyrig.suite.files.locks import locked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = measured()
    uncounted = found.record.model_copy(update={"instructions": None, "cycles": ()})
    other = TINY.model_copy(update={"backend": "qemu"})
    for job, record in ((TINY, found.record), (other, uncounted)):
        evidence = found.evidence.model_copy(update={"job": job})
        save_result(tmp_path / "out", record, evidence, found.clean, found.checked)
    return tmp_path / "out"


def test_a_record_is_a_row_of_its_own_figures(folder: Path) -> None:
    record = measured().record
    frame = load_results(folder).set_index("job")
    row = frame.loc[TINY.name]
    assert len(frame) == 2
    assert row["instructions"] == record.instructions
    assert row["peak_ram"] == record.memory.peak_ram
    assert row["verdict"] == "match"
    by_column = {cycles.column: cycles.value for cycles in record.cycles}
    assert row["cycles_modelled"] == by_column["modelled"]
    assert row["cycles_modelled_board"] == by_column["modelled, board"]
    assert frame["cycles_measured"].isna().all()
    other = frame.drop(index=TINY.name).iloc[0]
    assert other["instructions"] is pd.NA
    assert load_results(folder / TINY.name, folder / TINY.name / "record.json")["job"].iloc[0] == (
        TINY.name
    )


def test_who_reads_waits_for_who_writes(folder: Path) -> None:
    """Between an older record and a newer one there is none; nobody is told so."""
    place = folder / TINY.name
    record = place / "record.json"
    text = record.read_bytes()
    with ThreadPoolExecutor() as readers:
        with locked(place / ".lock"):
            record.unlink()
            read = readers.submit(load_results, folder)
            with pytest.raises(TimeoutError):
                read.result(timeout=0.2)
            record.write_bytes(text)
        assert len(read.result()) == 2


def test_layers_are_rows_in_the_order_of_execution(folder: Path) -> None:
    record = measured().record
    frame = load_layers(folder / TINY.name)
    assert frame["name"].tolist() == [layer.name for layer in record.layers]
    assert frame["index"].tolist() == list(range(len(record.layers)))
    assert frame["instructions"].tolist() == [layer.instructions for layer in record.layers]
    assert frame["macs"].sum() == record.model.macs


def test_csv_holds_whole_numbers_and_empty_cells(folder: Path, tmp_path: Path) -> None:
    save_csv(load_results(folder), tmp_path / "all.csv")
    text = (tmp_path / "all.csv").read_text()
    assert f",{measured().record.instructions}," in text
    assert "NA" not in text and "nan" not in text
    back = pd.read_csv(tmp_path / "all.csv").set_index("job")
    assert back["instructions"].isna().sum() == 1


def test_json_holds_a_row_a_job_and_null_where_there_is_no_figure(
    folder: Path, tmp_path: Path
) -> None:
    results = load_results(folder)
    save_json(results, tmp_path / "all.json")
    rows = json.loads((tmp_path / "all.json").read_text())
    assert [row["job"] for row in rows] == results["job"].tolist()
    assert measured().record.instructions in [row["instructions"] for row in rows]
    assert [row["instructions"] for row in rows].count(None) == 1


def test_compare_saves_every_figure_and_layer(folder: Path, tmp_path: Path) -> None:
    place, out = folder / TINY.name / "record.json", tmp_path / "figures.csv"
    said = tinyrig("compare", place, place, "--csv", out)
    assert said.code == 0, said.err
    frame = pd.read_csv(out)
    record = measured().record
    layers = frame[frame["layer"].notna() & (frame["figure"] == "instructions")]
    assert layers["b"].tolist() == [layer.instructions for layer in record.layers]
    whole = frame[frame["layer"].isna() & (frame["figure"] == "instructions")]
    assert whole["a"].tolist() == [record.instructions]
    assert (frame["change_percent"].dropna() == 0).all()


def test_a_place_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing"):
        load_results(tmp_path / "nothing")
