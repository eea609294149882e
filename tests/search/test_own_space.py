"""The space that docs/search.md shows: searched whole, with its report."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
from cli.command import tinyrig

_PAGE = Path(__file__).parents[2] / "docs" / "search.md"


def test_a_space_of_ones_own_is_searched(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    own, folder = tmp_path / "own.py", tmp_path / "found"
    own.write_text(found.group(1), encoding="utf-8")
    said = tinyrig(
        *("search", own, "--data", "digits", "--board", "stm32f427", "-o", folder),
        *("--trials", 3, "--supernets", 2, "--steps", 8, "--final-steps", 40),
    )
    assert said.code == 0, said.err
    assert "MATCH" in said.out
    onnx.checker.check_model(onnx.load(folder / "network.onnx"))
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert page.count('role="img"') == 4
    assert page.count('class="chosen"') == 4
    # Two supernets of four paths, and three trials.
    assert page.count("<circle") == 4 * 11
    chosen = re.search(r'<th scope="row">channels</th>.*?<td>(\d+)</td></tr>', page)
    assert chosen is not None
    assert f'<tr><th scope="row">channels</th><td>{chosen.group(1)}</td></tr>' in page
