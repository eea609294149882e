"""Small networks of random weights, one for each kind of layer people export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everybody names it

Shape = tuple[int, ...]


class _Residual(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width))
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


class _Attention(nn.Module):
    """Self-attention by scaled_dot_product_attention, perhaps causal."""

    def __init__(self, width: int, heads: int, causal: bool = False) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.heads, self.causal = heads, causal

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        split = self.qkv(x).reshape(batch, length, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(mixed.transpose(1, 2).reshape(batch, length, width))


class _Block(nn.Module):
    """A transformer block with its norms before."""

    def __init__(self, width: int, heads: int, causal: bool = False) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = _Attention(width, heads, causal)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class _Mean(nn.Module):
    """The mean over one axis."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(self.axis)


class _Patches(nn.Module):
    """Patches as rows, with a learned position added."""

    def __init__(self, width: int, patch: int, count: int) -> None:
        super().__init__()
        self.project = nn.Conv2d(3, width, patch, stride=patch)
        self.position = nn.Parameter(0.1 * torch.randn(1, count, width))

    def forward(self, x: Tensor) -> Tensor:
        return self.project(x).flatten(2).transpose(1, 2) + self.position


class _Unet(nn.Module):
    """Down and up again with a skip, by ConvTranspose or Resize."""

    def __init__(self, transposed: bool) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU())
        self.deep = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU())
        up = nn.ConvTranspose2d(16, 8, 2, stride=2) if transposed else nn.Upsample(scale_factor=2)
        self.up, self.out = up, nn.Conv2d(16 if transposed else 24, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.down(x)
        return self.out(torch.cat([skip, self.up(self.deep(skip))], 1))


class _ChannelsLast(nn.Module):
    """ConvNeXt's block: a depthwise convolution, a norm over channels, a wide GELU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.gain = nn.Parameter(0.5 * torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        rows = self.norm(self.mix(x).permute(0, 2, 3, 1))
        rows = self.gain * self.narrow(F.gelu(self.wide(rows)))
        return x + rows.permute(0, 3, 1, 2)


class _Causal1d(nn.Module):
    """A dilated convolution over time that sees the past alone."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, 3, dilation=dilation)
        self.reach = 2 * dilation

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.conv(F.pad(x, (self.reach, 0))))


class _Excited(nn.Module):
    """Squeeze and excitation: channels scaled by what the whole image holds."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(width, width // 2, 1),
            nn.ReLU(),
            nn.Conv2d(width // 2, width, 1),
            nn.Hardsigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.inner(x)


def _stem(width: int, act: nn.Module) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, width, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(width), act
    )


def _head(width: int) -> nn.Sequential:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


def _mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(40, 32), nn.ReLU(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 4)
    )


def _cnn() -> nn.Module:
    body = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
    return nn.Sequential(_stem(8, nn.ReLU()), nn.MaxPool2d(2), body, _head(16))


def _depthwise() -> nn.Module:
    return nn.Sequential(
        _stem(8, nn.Hardswish()),
        nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU6(),
        _Excited(8),
        nn.Conv2d(8, 16, 1),
        _head(16),
    )


def _residual() -> nn.Module:
    return nn.Sequential(_stem(8, nn.ReLU()), _Residual(8), nn.AvgPool2d(2), _Residual(8), _head(8))


def _activations() -> nn.Module:
    return nn.Sequential(
        _stem(8, nn.SiLU()),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.PReLU(8),
        nn.Conv2d(8, 8, 1),
        nn.Mish(),
        nn.Conv2d(8, 8, 1),
        nn.LeakyReLU(0.1),
        nn.Conv2d(8, 8, 1),
        nn.ELU(),
        _head(8),
    )


def _group_norm() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.GroupNorm(2, 8),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.InstanceNorm2d(8, affine=True),
        nn.ReLU(),
        _head(8),
    )


def _vit() -> nn.Module:
    return nn.Sequential(
        _Patches(16, 4, 16), _Block(16, 2), _Block(16, 2), nn.LayerNorm(16), _Mean(1),
        nn.Linear(16, 10),
    )  # fmt: skip


def _decoder() -> nn.Module:
    return nn.Sequential(_Block(16, 2, causal=True), nn.LayerNorm(16), nn.Linear(16, 12))


def _encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, activation="gelu")
    return nn.Sequential(nn.TransformerEncoder(layer, 1, enable_nested_tensor=False), _Mean(1))


def _convnext() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), _ChannelsLast(8), _head(8))


def _tcn() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(10, 8, 3, padding=1), _Causal1d(8, 1), _Causal1d(8, 2), _Causal1d(8, 4),
        _Mean(2), nn.Linear(8, 4), nn.Softmax(-1),
    )  # fmt: skip


def _unet() -> nn.Module:
    return _Unet(transposed=True)


def _upsampled() -> nn.Module:
    return _Unet(transposed=False)


NETWORKS: Mapping[str, tuple[Callable[[], nn.Module], Shape]] = MappingProxyType(
    {
        "mlp": (_mlp, (1, 40)),
        "cnn": (_cnn, (1, 3, 16, 16)),
        "depthwise": (_depthwise, (1, 3, 16, 16)),
        "residual": (_residual, (1, 3, 16, 16)),
        "activations": (_activations, (1, 3, 16, 16)),
        "group-norm": (_group_norm, (1, 3, 16, 16)),
        "vit": (_vit, (1, 3, 16, 16)),
        "decoder": (_decoder, (1, 8, 16)),
        "encoder": (_encoder, (1, 8, 16)),
        "convnext": (_convnext, (1, 3, 16, 16)),
        "tcn": (_tcn, (1, 10, 24)),
        "unet": (_unet, (1, 3, 16, 16)),
        "upsampled": (_upsampled, (1, 3, 16, 16)),
    }
)


def drawn(name: str) -> tuple[nn.Module, Shape]:
    """Return a network in eval mode, its BatchNorm statistics those of random inputs."""
    torch.manual_seed(7)
    make, shape = NETWORKS[name]
    return settled(make(), shape), shape


def settled(net: nn.Module, shape: Shape) -> nn.Module:
    """Give a network of random weights statistics, and put it in eval mode."""
    net.train()
    with torch.no_grad():
        for _ in range(4):
            net(torch.randn(8, *shape[1:]))
    return net.eval()
