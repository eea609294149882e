"""The same tests once more with AddressSanitizer and UndefinedBehaviorSanitizer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kernel_library import SANITIZED

_CLUSTER = ["test_shapes_of_the_zoo_on_every_number_of_cores"]


@pytest.mark.first
@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc; install: sudo apt-get install gcc")
@pytest.mark.skipif(SANITIZED in os.environ, reason="this is the sanitized run")
def test_kernels_are_clean_under_the_sanitizers() -> None:
    runtimes = [
        subprocess.run(
            ["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True
        ).stdout.strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environment = os.environ | {
        SANITIZED: "1",
        "LD_PRELOAD": ":".join(runtimes),
        "ASAN_OPTIONS": "detect_leaks=0",
    }
    tests = [str(Path(__file__).with_name("test_kernels.py"))]
    tests += [f"{Path(__file__).with_name('test_xpulp.py')}::{name}" for name in _CLUSTER]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", *tests],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
