"""A data set by the word a command was given."""

from __future__ import annotations

from pathlib import Path

from tinyrig.generator.errors import InputError
from tinyrig.suite.training.data.cifar import cifar_file, cifar_folder
from tinyrig.suite.training.data.digits import digit_images
from tinyrig.suite.training.data.fashion import fashion_mnist
from tinyrig.suite.training.data.folder import folder_source
from tinyrig.suite.training.data.images import Source
from tinyrig.suite.training.data.npz_source import npz_source

NAMES = ("digits", "fashion-mnist")


def load_source(word: str, root: Path | None = None) -> Source:
    """Return a data set: a name, CIFAR-10's folder or batch, a folder of pictures, or an .npz.

    `root` is where a named one that does not come with the zoo lies. InputError for anything
    else, MissingToolError for a named one that is not installed.
    """
    if word == "digits":
        return digit_images()
    if word == "fashion-mnist":
        return fashion_mnist(root)
    path = Path(word)
    if path.is_dir():
        return cifar_folder(path) or folder_source(path)
    if not path.exists():
        raise InputError(
            f"There is no data set {word!r}: name {' or '.join(NAMES)}, or give the path of an "
            ".npz, of CIFAR-10's batches, or of a folder of pictures."
        )
    return npz_source(path) if path.suffix == ".npz" else cifar_file(path)
