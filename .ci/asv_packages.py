#!/usr/bin/env python3
"""Install with npm what the page of asv loads, below a folder.

usage: .ci/asv_packages.py FOLDER
"""

from __future__ import annotations

import subprocess
import sys

from tinyrig.suite.report.site.asv_pages import install_line

if __name__ == "__main__":
    sys.exit(subprocess.call([*install_line(sys.argv[1]).split(), "--no-audit", "--no-fund"]))
