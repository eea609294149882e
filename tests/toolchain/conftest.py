"""Lets these tests use the hand-written projects of the backend tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "backends"))
