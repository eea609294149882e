"""What changes a digest of code, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyrig.suite.bench.code import code_key, python_code

_PYTHON = '''"""Module."""

class Some:
    """What it is."""

    size = 3

    def double(self, by: int) -> int:
        """Say more."""
        return self.size * by
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Module.", "Another module."),
        ("    size = 3", "    size = 3  # bytes"),
        ('        """Say more."""\n', ""),
        ("\nclass", "\n\n# A class.\n\nclass"),
        ("self.size * by", "(self.size\n            * by)"),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(old: str, new: str) -> None:
    assert old in _PYTHON
    assert python_code(_PYTHON.replace(old, new)) == python_code(_PYTHON)


@pytest.mark.parametrize(
    ("old", "new"), [("size = 3", "size = 4"), ("* by", "+ by"), ("double", "twice")]
)
def test_code_counts(old: str, new: str) -> None:
    assert python_code(_PYTHON.replace(old, new)) != python_code(_PYTHON)


def test_a_string_that_is_no_docstring_counts() -> None:
    assert python_code("x = 1\n'a'") != python_code("x = 1\n'b'")


def _key(folder: Path) -> str:
    return code_key(folder.iterdir(), folder, ("tool==1",))


def test_files_count_by_name_and_meaning(tmp_path: Path) -> None:
    files = {"a.py": "x = 1\n", "b.c": "int x;\n", "c.toml": "x = 1\n"}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    before = _key(tmp_path)
    assert code_key(tmp_path.iterdir(), tmp_path, ("tool==2",)) != before
    (tmp_path / "a.py").write_text("# One.\nx = 1\n")
    (tmp_path / "b.c").write_text("/* One. */ int x; // two\n")
    assert _key(tmp_path) == before
    (tmp_path / "b.c").write_text("int y;\n")
    assert _key(tmp_path) != before
    (tmp_path / "b.c").write_text(files["b.c"])
    (tmp_path / "a.py").rename(tmp_path / "d.py")
    assert _key(tmp_path) != before
