"""Trains a small transformer on the digits, quantized, and runs it on a board: `python FILE`.

It trains in float, goes on with fake quantization, writes qat_digits.onnx, and boots its firmware
on the 200 held-out images. It fails (exit code 1) when the firmware differs from the reference or
loses more than two points against the float network.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

import tinyrig
import tinyrig.qat
from tinyrig.suite.models.digits import heldout, training

WIDTH, HEADS, TOKENS = 16, 2, 16
BATCH, EPOCHS, QUANTIZED_EPOCHS = 64, 16, 4
ALLOWED_LOSS = 0.02


class Encoder(nn.Module):
    """One pre-normalised block over tokens [batch, TOKENS, WIDTH]."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.q, self.k, self.v = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.out = nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        """Attend, then transform each token."""
        x = x + self._attend(self.norm1(x))
        out: Tensor = x + self.down(functional.gelu(self.up(self.norm2(x))))
        return out

    def _attend(self, x: Tensor) -> Tensor:
        shape = (x.shape[0], TOKENS, HEADS, WIDTH // HEADS)
        q, k, v = (f(x).reshape(shape).permute(0, 2, 1, 3) for f in (self.q, self.k, self.v))
        scores = q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS)
        heads = torch.softmax(scores, dim=-1) @ v
        out: Tensor = self.out(heads.permute(0, 2, 1, 3).reshape(x.shape[0], TOKENS, WIDTH))
        return out


class Net(nn.Module):
    """Images [batch, 1, 8, 8] -> logits [batch, 10]."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()
        )
        self.patches = nn.Conv2d(8, WIDTH, 2, stride=2)
        self.position = nn.Parameter(0.1 * torch.randn(TOKENS, WIDTH))
        self.encoder, self.norm = Encoder(), nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 10)

    def forward(self, image: Tensor) -> Tensor:
        """Classify images."""
        tokens = self.patches(self.stem(image)).flatten(2).transpose(1, 2) + self.position
        logits: Tensor = self.head(self.norm(self.encoder(tokens)).mean(dim=1))
        return logits


def batches(images: Tensor, labels: Tensor, epochs: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield shuffled batches."""
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(BATCH):
            yield images[rows], labels[rows]


def train(net: nn.Module, images: Tensor, labels: Tensor, epochs: int, rate: float) -> None:
    """Train a network, quantized or not."""
    steps = epochs * math.ceil(len(labels) / BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    net.train()
    for image, label in batches(images, labels, epochs):
        optimizer.zero_grad()
        torch.autograd.backward(functional.cross_entropy(net(image), label))
        optimizer.step()
        schedule.step()
    net.eval()


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of right answers."""
    return float((logits.argmax(axis=1) == labels).mean())


def main() -> int:
    """Train, quantize, export, run and judge."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    images, labels = (torch.from_numpy(array) for array in training())
    shown, digits = heldout()
    images, shown = images.squeeze(1), shown.reshape(-1, 1, 8, 8)

    net = Net()
    train(net, images, labels, EPOCHS, 1e-2)
    with torch.no_grad():
        in_float = accuracy(net(torch.from_numpy(shown)).numpy(), digits)

    prepared = tinyrig.qat.prepare(net, images[:1])
    train(prepared, images, labels, QUANTIZED_EPOCHS, 1e-3)
    model = tinyrig.qat.export(tinyrig.qat.convert(prepared), images[:1])
    onnx.save(model, "qat_digits.onnx")

    found = tinyrig.run(model, board="stm32f427", inputs=[image[None] for image in shown])
    (name,) = found.outputs[0]
    answers = np.concatenate([output[name] for output in found.outputs])
    on_board = accuracy(answers, digits)
    print(f"float {in_float:.1%}, on the board {on_board:.1%}, bytes match: {found.matches}")
    print(f"{found.instructions} instructions, {found.peak_ram} bytes of RAM, {found.flash} flash")
    return 0 if found.matches and on_board >= in_float - ALLOWED_LOSS else 1


if __name__ == "__main__":
    sys.exit(main())
