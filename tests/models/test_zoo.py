from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from heavy import ZOO

from tinyrig.generator.errors import InputError
from tinyrig.suite.models import entries, load_zoo, zoo_names
from tinyrig.suite.models.blocks import Mhsa
from tinyrig.suite.models.build import build_module
from tinyrig.suite.models.dims import Dims
from tinyrig.suite.models.seeding import Weights

TABLE_2 = {"eegformer": 7.35e6, "ecgformer": 0.97e6, "trformer": 6.00e6}
NETWORKS = tuple(TABLE_2)


def run(name: str, samples: list[dict[str, np.ndarray]]) -> np.ndarray:
    module = load_zoo(name).module
    with torch.no_grad():
        return np.stack(
            [module(*(torch.from_numpy(x) for x in sample.values())).numpy() for sample in samples]
        )


@pytest.mark.parametrize("name", NETWORKS)
def test_total_macs_are_within_5_percent_of_table_2(name: str) -> None:
    assert load_zoo(name).macs == pytest.approx(TABLE_2[name], rel=0.05)


@pytest.mark.parametrize(
    ("name", "S", "E", "P", "H"),
    [
        ("eegformer-mhsa", 81, 32, 32, 8),
        ("ecgformer-mhsa", 66, 16, 2, 8),
        ("trformer-mhsa", 5, 32, 32, 8),
    ],
)
def test_attention_blocks_have_the_macs_of_the_pencil(
    name: str, S: int, E: int, P: int, H: int
) -> None:
    model = load_zoo(name)
    assert model.macs == 4 * S * E * H * P + 2 * H * S * S * P
    assert model.parameters == 3 * (E + 1) * H * P + (H * P + 1) * E
    assert model.input_shapes == {"x": (1, S, E)}


def test_the_large_model_has_the_macs_and_parameters_of_the_pencil() -> None:
    model = load_zoo("vit-240")
    S, E, hidden, classes = 226, 192, 768, 1000
    patch = 3 * 16 * 16
    block = 4 * S * E * E + 2 * S * S * E + 2 * S * E * hidden
    assert model.macs == (S - 1) * E * patch + 12 * block + E * classes
    norm = 2 * E
    layers = 4 * E * (E + 1) + (E + 1) * hidden + (hidden + 1) * E + 2 * norm
    ends = E * (patch + 1) + E + S * E + norm + (E + 1) * classes
    assert model.parameters == 12 * layers + ends
    assert model.input_shapes == {"image": (1, 240, 240, 3)}


def test_only_heavy_models_are_left_out_of_a_quick_matrix() -> None:
    assert set(zoo_names()) - set(zoo_names(heavy=False)) == {
        "vit-240",
        *("tinyformer-300k", "tinyformer-120k", "tinyformer-1m"),
        *("mcuformer-f427", "mcuformer-f746", "mcuformer-h743"),
    }
    image = load_zoo("vit-240").samples(1)[0]["image"]
    assert image.shape == (1, 240, 240, 3)
    assert 0.3 < image.std() < 3.0
    assert len(load_zoo("vit-240").calibration()) == 4
    assert len(load_zoo("ecgformer").calibration()) == 64


def test_free_blocks_take_their_dimensions() -> None:
    block = load_zoo("encoder", S=7, E=12, P=5, H=3)
    mhsa = 4 * 7 * 12 * 15 + 2 * 3 * 49 * 5
    assert block.macs == mhsa + 2 * 7 * 12 * 48
    assert block.name == "encoder-S7-E12-P5-H3"
    assert load_zoo("mhsa", S=7, E=12, P=5, H=3).macs == mhsa
    assert run_block(block.name.split("-")[0]).shape == (2, 1, 7, 12)


def run_block(family: str) -> np.ndarray:
    model = load_zoo(family, S=7, E=12, P=5, H=3)
    with torch.no_grad():
        return np.stack([model.module(torch.from_numpy(s["x"])).numpy() for s in model.samples(2)])


def test_attention_matches_its_definition() -> None:
    dims = Dims(S=6, E=10, P=3, H=2)
    block = Mhsa(dims, Weights(3))
    x = Weights(4).table(dims.S, dims.E).detach()
    heads = []
    with torch.no_grad():
        for h in range(dims.H):
            rows = slice(h * dims.P, (h + 1) * dims.P)
            q, k, v = (
                x @ layer.weight[rows].T + layer.bias[rows] for layer in (block.q, block.k, block.v)
            )
            heads.append(torch.softmax(q @ k.T, dim=1) @ v)
        expected = block.out(torch.cat(heads, dim=1))
        torch.testing.assert_close(block(x), expected)


@pytest.mark.parametrize("name", ZOO)
def test_two_loads_have_identical_weights_and_leave_the_global_seed(name: str) -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first, second = (load_zoo(name).module.state_dict() for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    assert list(first) == list(second)
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("name", ZOO)
def test_inputs_are_seeded_and_have_the_declared_shapes(name: str) -> None:
    model = load_zoo(name)
    samples, again = model.samples(3, 5), model.samples(3, 5)
    assert {k: v.shape for k, v in samples[0].items()} == model.input_shapes
    assert all(v.dtype == np.float32 for v in samples[0].values())
    for one, two in zip(samples, again, strict=True):
        assert all(np.array_equal(one[key], two[key]) for key in one)
    first = next(iter(model.input_shapes))
    assert not np.array_equal(samples[0][first], model.calibration(1)[0][first])


@pytest.mark.parametrize(
    ("name", "shape"),
    [("eegformer", (1, 2)), ("ecgformer", (1, 5)), ("trformer", (1, 5, 11))],
)
def test_networks_tell_their_synthetic_classes_apart(name: str, shape: tuple[int, ...]) -> None:
    samples, labels = load_zoo(name).labelled(66, 9)
    logits = run(name, samples)
    assert logits.shape[1:] == shape
    answers = logits.reshape(len(labels), -1, shape[-1]).argmax(axis=-1)
    assert (answers == labels[:, None]).mean() > 0.95
    assert set(answers.ravel().tolist()) == set(range(shape[-1]))


@pytest.mark.parametrize("name", [*NETWORKS, "tinyvit-digits"])
def test_attention_is_neither_uniform_nor_one_hot(name: str) -> None:
    model = load_zoo(name)
    blocks = [m for m in model.module.modules() if isinstance(m, Mhsa)]
    seen: list[tuple[Mhsa, torch.Tensor]] = []
    hooks = [b.register_forward_hook(lambda m, i, _: seen.append((m, i[0]))) for b in blocks]
    run_one = model.samples(1)[0]
    with torch.no_grad():
        model.module(*(torch.from_numpy(x) for x in run_one.values()))
    for hook in hooks:
        hook.remove()
    assert len(seen) == len(blocks) > 0
    for block, x in seen:
        S, P, H = block.dims.S, block.dims.P, block.dims.H
        q, k = (layer(x).reshape(S, H, P).transpose(0, 1) for layer in (block.q, block.k))
        weights = torch.softmax(q @ k.transpose(1, 2), dim=-1)
        entropy = -(weights * weights.clamp_min(1e-12).log()).sum(-1).mean() / np.log(S)
        assert 0.2 < float(entropy) < 0.98


def test_an_entry_needs_no_transformer_dimensions(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = replace(load_zoo("ecgformer").entry, dims=None)
    monkeypatch.setitem(entries.ENTRIES, "beats", entries.fixed(entry))
    model = load_zoo("beats")
    assert (model.name, model.macs) == ("beats", load_zoo("ecgformer").macs)
    with pytest.raises(InputError, match="those of its layers; only mhsa and encoder take S"):
        load_zoo("beats", S=8)
    with pytest.raises(InputError, match="give its dims"):
        build_module(replace(entry, network="blocks:mhsa"), [], np.zeros(0, np.int64))


def test_unknown_names_and_dimensions_are_input_errors() -> None:
    with pytest.raises(InputError, match="Did you mean eegformer") as error:
        load_zoo("EEGfromer")
    assert all(name in str(error.value) for name in zoo_names())
    with pytest.raises(InputError, match="fixed"):
        load_zoo("eegformer", S=8)
    with pytest.raises(InputError, match="not Q"):
        load_zoo("mhsa", Q=8)
    for bad in (0, -1, 10**9):
        with pytest.raises(InputError, match="not a usable dimension"):
            load_zoo("mhsa", S=bad)
    with pytest.raises(InputError, match="held-out"):
        load_zoo("eegformer").heldout()


def test_a_warm_load_imports_neither_torch_nor_onnx() -> None:
    load_zoo("ecgformer").qdq_bytes()
    assert load_zoo("ecgformer").macs > 0
    script = (
        "import sys; from tinyrig.suite.models import load_zoo, qdq_bytes;"
        "model = load_zoo('ecgformer'); assert len(qdq_bytes('ecgformer')) > 10000;"
        "assert model.macs and model.parameters and model.samples(2);"
        "assert not {'torch', 'onnx', 'onnxruntime'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
