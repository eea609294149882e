"""What each zoo model is: dimensions, inputs, signals and source; needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.suite.models import digits, fashion_images, scenes, signals
from tinyrig.suite.models.dims import DIGITS, ECG, EEG, TINYFORMER, TR, VIT240, Dims
from tinyrig.suite.models.signals import FloatArray, Sample

Dataset = Callable[[int, int], tuple[list[Sample], NDArray[np.int64]]]

_PAPER = "Jung et al., Optimizing the Deployment of Tiny Transformers on Low-Power MCUs"
_MLPERF = "MLPerf Tiny (mlcommons/tiny), closed division"
_FREE = Dims(S=64, E=64, P=64, H=8)


@dataclass(frozen=True)
class Entry:
    """One model; inputs are (name, shape).

    `network` is "module:function": a module of `tinyrig.suite.models`, and what makes the float
    network of an `Entry` in it. Its seeded head is then fitted to the labels of `head_samples`,
    or centred, where `head` says so. A network that is no transformer has no `dims`. A `heavy`
    model takes minutes to quantize, prove and run, not seconds.
    """

    network: str
    source: str
    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    output: str
    seed: int
    dataset: Dataset
    dims: Dims | None = None
    head: Literal["fitted", "centred"] | None = None
    head_samples: int = 0
    heldout: Callable[[], tuple[FloatArray, NDArray[np.int64]]] | None = None
    free: bool = False
    calibration_samples: int = 64
    heavy: bool = False


def _drawn(draw: signals.Draw, classes: int) -> Dataset:
    def dataset(n: int, seed: int) -> tuple[list[Sample], NDArray[np.int64]]:
        rng = np.random.default_rng(seed)
        labels = np.arange(n, dtype=np.int64) % classes
        return [draw(rng, int(label)) for label in labels], labels

    return dataset


_EEG = Entry(
    network="eegformer:eegformer",
    dims=EEG,
    source=f"{_PAPER}, section 4.7.2; tokenizer chosen to meet Table 2",
    inputs=(("eeg", (1, 4, 2048)),),
    output="logits",
    seed=81,
    dataset=_drawn(signals.eeg, 2),
    head="fitted",
    head_samples=128,
)
_ECG = Entry(
    network="ecgformer:ecgformer",
    dims=ECG,
    source=f"{_PAPER}, section 4.7.3, and arXiv 2402.10748; tokenizer chosen to meet Table 2",
    inputs=(("ecg", (1, 1, 198)), ("rr", (1, 2))),
    output="logits",
    seed=66,
    dataset=_drawn(signals.ecg, 5),
    head="fitted",
    head_samples=320,
)
_TR = Entry(
    network="trformer:trformer",
    dims=TR,
    source=f"{_PAPER}, section 4.7.1; tokenizer widths chosen to meet Table 2",
    inputs=(("radar", (1, 5, 2, 32, 32)),),
    output="logits",
    seed=5,
    dataset=_drawn(signals.radar, 11),
    head="fitted",
    head_samples=176,
)
_DIGITS = Entry(
    network="tinyvit:tinyvit",
    dims=DIGITS,
    source="trained here on the digits of scikit-learn (UCI optdigits)",
    inputs=(("image", (1, 1, 8, 8)),),
    output="logits",
    seed=8,
    dataset=digits.training_samples,
    heldout=digits.heldout,
)
_VIT240 = Entry(
    network="vit240:vit240",
    dims=VIT240,
    source="the size of DeiT-tiny (Touvron et al.) at 240 x 240, the model of MCUFormer",
    inputs=(("image", (1, 240, 240, 3)),),
    output="logits",
    seed=240,
    dataset=_drawn(signals.image(240), 1),
    head="centred",
    head_samples=4,
    calibration_samples=4,
    heavy=True,
)
_IC = Entry(
    network="mlperf:image_classification",
    source=f"{_MLPERF}: image classification, ResNet8",
    inputs=(("image", (1, 32, 32, 3)),),
    output="probabilities",
    seed=32,
    dataset=_drawn(scenes.picture(32), 10),
    head="fitted",
    head_samples=240,
)
_KWS = Entry(
    network="mlperf:keyword_spotting",
    source=f"{_MLPERF}: keyword spotting, DS-CNN",
    inputs=(("mfcc", (1, 49, 10, 1)),),
    output="probabilities",
    seed=49,
    dataset=_drawn(scenes.keyword, 12),
    head="fitted",
    head_samples=240,
)
_VWW = Entry(
    network="mlperf:visual_wake_words",
    source=f"{_MLPERF}: visual wake words, MobileNetV1 of width 0.25",
    inputs=(("image", (1, 96, 96, 3)),),
    output="probabilities",
    seed=96,
    dataset=_drawn(scenes.picture(96), 2),
    head="centred",
    head_samples=32,
    calibration_samples=16,
)
_AD = Entry(
    network="mlperf:anomaly_detection",
    source=f"{_MLPERF}: anomaly detection, autoencoder",
    inputs=(("spectra", (1, 640)),),
    output="reconstruction",
    seed=640,
    dataset=_drawn(scenes.machine, 1),
)
_TINYFORMER = Entry(
    network="tinyformer:tinyformer",
    dims=TINYFORMER,
    source="Yang et al., TinyFormer (arXiv 2311.01759), Fig. 3, one DoT; heads and width chosen",
    inputs=(("image", (1, 32, 32, 3)),),
    output="y",
    seed=44,
    dataset=_drawn(scenes.picture(32), 10),
    calibration_samples=16,
)


def _member(name: str, function: str, seed: int) -> Entry:
    """Return one of the networks of TinyFormer's space."""
    return Entry(
        network=f"members:{function}",
        source=f"Yang et al., TinyFormer (arXiv 2311.01759): of its space, near its {name}",
        inputs=(("image", (1, 32, 32, 3)),),
        output="logits",
        seed=seed,
        dataset=_drawn(scenes.picture(32), 10),
        head="fitted",
        head_samples=240,
        calibration_samples=32,
        heavy=True,
    )


def _low_rank(limit: str, function: str, seed: int) -> Entry:
    """Return one of the networks of MCUFormer's space."""
    return Entry(
        network=f"members:{function}",
        source=f"Liang et al., MCUFormer (NeurIPS 2023): of its space, for {limit} of RAM",
        inputs=(("image", (1, 240, 240, 3)),),
        output="logits",
        seed=seed,
        dataset=_drawn(signals.image(240), 1),
        head="centred",
        head_samples=4,
        calibration_samples=4,
        heavy=True,
    )


def _fashion(paper: str, function: str, seed: int) -> Entry:
    """Return one of the networks that were trained on Fashion-MNIST."""
    return Entry(
        network=f"fashion:{function}",
        source=f"trained here on Fashion-MNIST; of the space of {paper}",
        inputs=(("image", (1, 28, 28, 1)),),
        output="logits",
        seed=seed,
        dataset=fashion_images.training_samples,
        calibration_samples=128,
    )


def fixed(entry: Entry) -> Callable[[Mapping[str, int]], Entry]:
    """Return what the zoo names by `entry`: a network that takes no dimensions."""

    def make(dims: Mapping[str, int]) -> Entry:
        if dims:
            known = f"are fixed ({entry.dims})" if entry.dims else "are those of its layers"
            raise InputError(
                f"This model's dimensions {known}; only mhsa and encoder take {', '.join(dims)}."
            )
        return entry

    return make


def _block(network: str, dims: Dims, source: str, *, free: bool = False) -> Entry:
    return Entry(
        network=f"blocks:{network}",
        dims=dims,
        source=source,
        inputs=(("x", (1, dims.S, dims.E)),),
        output="y",
        seed=1,
        dataset=_drawn(signals.tokens(dims.S, dims.E), 1),
        free=free,
    )


def _free(network: str, source: str) -> Callable[[Mapping[str, int]], Entry]:
    def make(dims: Mapping[str, int]) -> Entry:
        unknown = sorted(set(dims) - set(vars(_FREE)))
        if unknown:
            raise InputError(f"{network} takes S, E, P and H, not {', '.join(unknown)}.")
        return _block(network, Dims(**{**vars(_FREE), **dims}), source, free=True)

    return make


def _attention_of(dims: Dims) -> Callable[[Mapping[str, int]], Entry]:
    return fixed(_block("mhsa", dims, f"{_PAPER}, Table 4, the attention block alone"))


ENTRIES: dict[str, Callable[[Mapping[str, int]], Entry]] = {
    "eegformer": fixed(_EEG),
    "ecgformer": fixed(_ECG),
    "trformer": fixed(_TR),
    "eegformer-mhsa": _attention_of(EEG),
    "ecgformer-mhsa": _attention_of(ECG),
    "trformer-mhsa": _attention_of(TR),
    "tinyvit-digits": fixed(_DIGITS),
    "mlperf-ic": fixed(_IC),
    "mlperf-kws": fixed(_KWS),
    "mlperf-vww": fixed(_VWW),
    "mlperf-ad": fixed(_AD),
    "tinyformer-block": fixed(_TINYFORMER),
    "tinyformer-300k": fixed(_member("TinyFormer-300K", "tinyformer_300k", 300)),
    "tinyformer-120k": fixed(_member("TinyFormer-120K", "tinyformer_120k", 120)),
    "tinyformer-1m": fixed(_member("networks of most weights", "tinyformer_1m", 1)),
    "tinyformer-fashion": fixed(_fashion("TinyFormer", "tinyformer_fashion", 28)),
    "mcuformer-fashion": fixed(_fashion("MCUFormer", "mcuformer_fashion", 27)),
    "vit-240": fixed(_VIT240),
    "mcuformer-f427": fixed(_low_rank("256 KB", "mcuformer_f427", 427)),
    "mcuformer-f746": fixed(_low_rank("320 KB", "mcuformer_f746", 746)),
    "mcuformer-h743": fixed(_low_rank("512 KB", "mcuformer_h743", 743)),
    "mhsa": _free("mhsa", f"{_PAPER}, section 5.2, any dimensions"),
    "encoder": _free("encoder", f"{_PAPER}, section 2, one encoder block, any dimensions"),
}
