"""Fail when a Robot run passed no test: all were skipped.

usage: python passed.py output.xml
"""

from __future__ import annotations

import sys

from robot.api import ExecutionResult

total = ExecutionResult(sys.argv[1]).statistics.total
sys.stdout.write(f"{total.passed} passed, {total.skipped} skipped, {total.failed} failed\n")
sys.exit(0 if total.passed else "No test ran: the lane is not there.")
