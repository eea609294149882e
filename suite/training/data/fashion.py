"""Fashion-MNIST (Xiao et al., 2017, MIT licence), as Debian's package has it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tinyrig.generator.errors import MissingToolError
from tinyrig.suite.training.data.idx import read_idx
from tinyrig.suite.training.data.images import Images, Source

CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
FOLDER = Path("/usr/share/datasets/fashion-mnist")
_FILES = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"


def fashion_mnist(root: Path | None = None) -> Source:
    """Return the 60,000 images to train with and the 10,000 to judge by.

    They are looked for in `root`, its folder fashion-mnist, or where Debian's package puts them.
    MissingToolError when they are not there.
    """
    folder = _folder(root)
    return Source("fashion-mnist", CLASSES, _part(folder, "t10k"), _part(folder, "train"))


def _folder(root: Path | None) -> Path:
    places = [FOLDER] if root is None else [root, root / "fashion-mnist"]
    for place in places:
        if _found(place, _FILES[0].format("t10k")) is not None:
            return place
    where = " or ".join(str(place) for place in places)
    raise MissingToolError(
        f"Fashion-MNIST is not in {where}: apt-get install dataset-fashion-mnist, or name the "
        "folder of its four files with --data-root."
    )


def _found(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / f"{name}.gz", folder / name) if p.is_file()), None)


def _part(folder: Path, part: str) -> Images:
    pixels, labels = (
        read_idx(_found(folder, name.format(part)) or folder / f"{name.format(part)}.gz")
        for name in _FILES
    )
    return Images(pixels[..., None], labels.astype(np.int64))
