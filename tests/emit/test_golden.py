"""The C of two tiny models, byte for byte.

A change here is a change of every generated firmware. When it is meant, write the files anew and
read the difference before committing it:

    pytest -n 0 tests/emit/test_golden.py --update-golden
"""

from __future__ import annotations

import pytest
from emit.golden_models import FOLDER, MODELS, model_files


@pytest.mark.parametrize("name", MODELS)
def test_generated_c_is_the_kept_one(name: str, request: pytest.FixtureRequest) -> None:
    files = model_files(name)
    folder = FOLDER / name
    if request.config.getoption("--update-golden"):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for path, text in files.items():
            (folder / path).write_text(text, encoding="utf-8", newline="\n")
    kept = {path.name: path.read_bytes().decode() for path in folder.iterdir()}
    assert set(files) == set(kept)
    for path, text in files.items():
        assert text == kept[path], f"{name}/{path}: see the head of this file"


@pytest.mark.parametrize("name", MODELS)
def test_twice_is_the_same(name: str) -> None:
    assert model_files(name) == model_files(name)
