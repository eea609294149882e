"""A C project as a folder on disk."""

from __future__ import annotations

import json
from pathlib import Path

from tinyrig.suite.files.folders import check_replaceable, write_folder
from tinyrig.suite.rig.product import Product

_MANIFEST = "tinyrig.json"


def check_project_folder(output: Path) -> None:
    """Raise InputError when a project cannot be written to `output`."""
    check_replaceable(output, _MANIFEST)


def write_product(product: Product, output: Path) -> None:
    """Write a product whole: into a folder beside `output`, which then takes its place.

    Raises InputError when it cannot be written; `output` is then as it was.
    """
    manifest = {"model": product.model, "board": product.board, "sha256": product.sha256()}
    files = {path: text.encode() for path, text in product.files.items()}
    files[_MANIFEST] = (json.dumps(manifest, indent=2) + "\n").encode()
    write_folder(output, files)
