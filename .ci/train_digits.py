"""Train tinyvit-digits and write its weights to a file, over the kept ones if none is named.

usage: python .ci/train_digits.py [FILE]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tinyrig.suite.models.tinyvit import WEIGHTS_FILE
from tinyrig.suite.models.train_digits import save, train
from tinyrig.suite.process.failures import guarded


def main(words: list[str]) -> None:
    """Train, and write."""
    save(train(), Path(words[0]) if words else WEIGHTS_FILE)


if __name__ == "__main__":
    guarded("train_digits.py", main)
