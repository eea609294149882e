"""The keyword pages: `python -m tinyrig.suite.robot.pages FOLDER` writes one a library."""

from __future__ import annotations

import sys
from pathlib import Path

from robot.errors import DataError
from robot.libdoc import libdoc

from tinyrig.generator.errors import InputError
from tinyrig.suite.process.failures import guarded

LIBRARIES = {
    "keywords": "tinyrig.suite.robot.keywords.TinyrigLibrary",
    "lanes": "tinyrig.suite.robot.lanes.LaneLibrary",
    "faults": "tinyrig.suite.robot.faults.FaultLibrary",
}
"""The libraries by the name of their page."""


def write_pages(folder: Path) -> list[Path]:
    """Write the page of every library into a folder and return the files.

    InputError when the folder cannot be written.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, library in LIBRARIES.items():
            page = folder / f"{name}.html"
            libdoc(library, str(page), quiet=True)
            written.append(page)
    except (DataError, OSError) as error:
        raise InputError(f"The keyword pages cannot be written to {folder}: {error}.") from error
    return written


def main(words: list[str]) -> int:
    """Write the pages to the folder the command line names; return the exit code."""
    if len(words) != 1:
        sys.stderr.write("usage: python -m tinyrig.suite.robot.pages FOLDER\n")
        return InputError.exit_code
    write_pages(Path(words[0]))
    return 0


if __name__ == "__main__":
    guarded("python -m tinyrig.suite.robot.pages", main)
