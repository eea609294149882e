"""`tinyrig train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tinyrig.suite.cli.data_options import Data, DataRoot
from tinyrig.suite.cli.options import progress
from tinyrig.suite.cli.show import show_line
from tinyrig.suite.files.atomic import check_folder, write_atomic
from tinyrig.suite.studies.accuracy.share import Share
from tinyrig.suite.training.data.sources import load_source

_WEIGHTS = "weights.npz"


def train(
    name: Annotated[str, typer.Argument(help="A network of the zoo that is trained.")],
    data: Data,
    data_root: DataRoot = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Instead of the recipe's own number.")
    ] = None,
    device: Annotated[str, typer.Option(help="PyTorch's device: cpu, cuda.")] = "cpu",
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A new folder, or that of a training to go on.")
    ] = Path("training"),
) -> None:
    """Train a network of the zoo, going on where a kill left it, and save its weights."""
    from tinyrig.suite.training.networks import complete, training_of, weights_bytes
    from tinyrig.suite.training.train import accuracy

    check_folder(output)
    with progress() as report:
        source = load_source(data, data_root)
        training = training_of(name, source, epochs)
        images = source.training
        network = complete(training, images, output, device=device, progress=report)
        report("counting right answers")
        found = accuracy(network, source.test)
    write_atomic(output / _WEIGHTS, weights_bytes(network))
    share = Share(round(found * len(source.test)), len(source.test))
    low, high = share.interval
    words = f"{name}: {share.value:.2%} of {share.count:,} test images ({low:.2%} to {high:.2%})"
    show_line(Text(f"{words}; weights in {output / _WEIGHTS}"))
