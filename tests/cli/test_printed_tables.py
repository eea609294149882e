"""Tables as JSON and CSV, `--version`, completion, and two models side by side."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.command import check_refusal, tinyrig
from cli.onnx_files import Shape, quantized, write
from markupsafe import Markup
from rich.console import Group
from rich.table import Table
from rich.text import Text

from tinyrig.generator.planning.board import board_names, load_board
from tinyrig.suite.cli.app import application
from tinyrig.suite.cli.show import keep_picture, kept_tables, show
from tinyrig.suite.cli.table_files import as_csv, as_json, tables_of

ROOT = Path(__file__).parents[2]


def two() -> Group:
    first, second = Table(title="One"), Table(title=Text("Two [x]"))
    for name in ("", "bytes", "share"):
        first.add_column(name)
    first.add_row(Text("a [b]"), "1,234", "12.5%")
    first.add_row("c", "-", "0.25")
    second.add_column("bytes")
    second.add_row("-7")
    return Group(first, Group(Text("between"), second))


def test_cells_are_what_stands_there() -> None:
    document = json.loads(as_json("fit", list(tables_of([two()]))))
    assert document == {
        "schema": 1,
        "command": "fit",
        "tables": [
            {
                "title": "One",
                "rows": [
                    {"name": "a [b]", "bytes": 1234, "share": "12.5%"},
                    {"name": "c", "bytes": None, "share": 0.25},
                ],
            },
            {"title": "Two [x]", "rows": [{"bytes": -7}]},
        ],
    }


def test_csv_of_several_tables_names_them() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(list(tables_of([two()]))))))
    assert [row["table"] for row in rows] == ["One", "One", "Two [x]"]
    assert [row["bytes"] for row in rows] == ["1234", "", "-7"]
    (single,) = tables_of([two().renderables[0]])
    assert as_csv([single]).splitlines()[0] == "name,bytes,share"


def test_tables_are_saved_where_a_command_ends_with_a_code(tmp_path: Path) -> None:
    with pytest.raises(ValueError), kept_tables("x", tmp_path / "t.json", None):
        show(two())
        raise ValueError
    assert json.loads((tmp_path / "t.json").read_text())["command"] == "x"


def test_what_is_printed_is_a_page_too(tmp_path: Path) -> None:
    page = tmp_path / "t.html"
    with kept_tables("bench_sparse", None, None, page):
        keep_picture(lambda: Markup('<svg class="flame"></svg>'))
        show(two(), Text("<script>alert(1)</script>"))
    text = page.read_text(encoding="utf-8")
    assert "<h1>Bench sparse</h1>" in text
    assert text.count('<table class="sortable stacked">') == 2
    assert '<th scope="row">a [b]</th><td>1,234</td><td>12.5%</td>' in text
    assert text.index(">One<") < text.index(">between<") < text.index("Two [x]")
    assert '<svg class="flame"></svg>' in text, "a picture is drawn as it is"
    assert "<script>alert" not in text and "&lt;script&gt;alert" in text


def test_no_picture_is_drawn_for_nobody() -> None:
    with kept_tables("x", None, None):
        keep_picture(lambda: pytest.fail("nobody asked for a page"))


def test_boards_as_json_on_stdout_and_nothing_else() -> None:
    said = tinyrig("boards", "--json", "-")
    assert said.code == 0
    (table,) = json.loads(said.out)["tables"]
    assert [row["board"] for row in table["rows"]] == list(board_names())
    flash = {row["board"]: row["flash"] for row in table["rows"]}
    assert flash["stm32f746"] == load_board("stm32f746").flash.size


def test_a_run_has_both(tmp_path: Path) -> None:
    """`run --json` is the Record, as ever; `--csv` its tables."""
    model = write(tmp_path / "m.onnx", quantized())
    said = tinyrig("run", model, "--json", tmp_path / "r.json", "--csv", tmp_path / "t.csv")
    assert said.code == 0, said.err
    record = json.loads((tmp_path / "r.json").read_text())
    assert record["schema"] == 1
    rows = list(csv.DictReader((tmp_path / "t.csv").open()))
    layers = [row for row in rows if row["table"] == "Layers"]
    assert [row["layer"] for row in layers] == [one["name"] for one in record["layers"]]
    assert "MATCH" in said.out


def test_a_place_that_cannot_be_written_is_refused_first(tmp_path: Path) -> None:
    said = tinyrig("boards", "--csv", tmp_path / "none" / "t.csv")
    check_refusal(said, 2, "none")


def test_every_command_with_tables_takes_both() -> None:
    import typer.main

    group = typer.main.get_command(application())
    for name, command in {**group.commands, **group.commands["bench"].commands}.items():
        if name == "bench":
            continue
        options = {word for one in command.params for word in one.opts}
        assert {"--json", "--csv"} <= options, name


def test_version() -> None:
    from importlib.metadata import version

    assert tinyrig("--version").out == f"tinyrig {version('tinyrig')}\n"


def test_a_shell_completes_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tinyrig"],
        env={
            **os.environ,
            "_TINYRIG_COMPLETE": "complete_bash",
            "COMP_WORDS": "tinyrig bo",
            "COMP_CWORD": "1",
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["boards"], done.stderr


def test_two_models_side_by_side(tmp_path: Path) -> None:
    small = write(tmp_path / "small.onnx", quantized(Shape(width=2)))
    large = write(tmp_path / "large.onnx", quantized(Shape(width=4)))
    said = tinyrig("compare", small, large, "--boards", "stm32f427", "--json", "-")
    assert said.code == 0, said.err
    figures, operators = json.loads(said.out)["tables"]
    rows = {row["name"]: row for row in figures["rows"]}
    assert rows["MACs"] == {"name": "MACs", "small": 24, "large": 48, "second / first": "2.00x"}
    assert rows["microjoules, modelled"]["large"] > rows["microjoules, modelled"]["small"]
    assert [row["operator"] for row in operators["rows"]] == ["linear"]
    assert "stm32f427" in figures["title"]
