"""TinyFormer's space: two DoTs, whose modules are chosen one by one, each with its sparsity."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.toml_text import load_toml
from tinyrig.suite.models.dotnet import Dot, DotNet, DotShape, Down, Pooling, Transformer
from tinyrig.suite.models.pruning import Sparsity, prunable
from tinyrig.suite.models.seeding import Weights
from tinyrig.suite.search.sharing import SharedWeights
from tinyrig.suite.search.sketch_dot import sketch_dot
from tinyrig.suite.search.space import Choices, Config, Frame, Shared, Value

_FILE = Path(__file__).with_name("tinyformer.toml")
_DOTS = (1, 2)
_SMALL, _MEDIUM = 16, 28


class TinyFormerSpace:
    """The space of `tinyformer.toml` for images of a frame."""

    name = "tinyformer"

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        table = load_toml(_FILE, "search space")
        sizes = dict(table["outer"]) | {"dot1": table["channels"]["dot1"]}
        sizes |= {"dot2": table["channels"]["dot2"]}
        if frame.side <= _SMALL:
            sizes = table["small"]
        elif frame.side <= _MEDIUM and frame.bands == 1:
            sizes = table["medium"]
        self._channels = (int(sizes["dot1"]), int(sizes["dot2"]))
        outer = {name: tuple(sizes[name]) for name in table["outer"]}
        self.outer = Choices(cast("dict[str, tuple[Value, ...]]", outer))
        self.inner = Choices(self._inner(table))

    def _inner(self, table: dict[str, Any]) -> dict[str, tuple[Value, ...]]:
        """Return the choices of every module, and the sparsity of those that can have one."""
        of, sparse = table["candidates"], table["sparse"]
        found: dict[str, tuple[Value, ...]] = {"pooling": tuple(of["pooling"])}
        parts = ["last"]
        for dot in _DOTS:
            found[f"down{dot}"] = tuple(of["down"])
            for n in range(max(cast("tuple[int, ...]", self.outer.values[f"mobiles{dot}"]))):
                found[f"expansion{dot}.{n}"] = tuple(of["expansion"])
                parts.append(f"mobile{dot}.{n}")
            counts = cast("tuple[int, ...]", self.outer.values[f"transformers{dot}"])
            for n in range(max(counts)):
                found[f"kernel{dot}.{n}"] = tuple(of["kernel"])
                parts.append(f"transformer{dot}.{n}")
        for part in parts:
            found[f"sparsity.{part}"] = tuple(sparse["sparsity"])
            found[f"block.{part}"] = tuple(sparse["block"])
        return found

    def shape(self, config: Config) -> DotShape:
        """Return a candidate's network."""
        frame = self.frame
        dots = tuple(self._dot(config, dot) for dot in _dots(config))
        pooling, last = cast("Pooling", config["pooling"]), cast("int", config["last"])
        return DotShape(frame.side, frame.bands, frame.classes, dots, pooling, last)

    def _dot(self, config: Config, dot: int) -> Dot:
        embed, heads = cast("int", config[f"embed{dot}"]), cast("int", config["heads"])
        mobiles = cast("int", config[f"mobiles{dot}"])
        transformers = cast("int", config[f"transformers{dot}"])
        return Dot(
            cast("Down", config[f"down{dot}"]),
            self._channels[dot - 1],
            tuple(cast("int", config[f"expansion{dot}.{n}"]) for n in range(mobiles)),
            tuple(
                Transformer(embed, heads, cast("int", config[f"kernel{dot}.{n}"]))
                for n in range(transformers)
            ),
        )

    def parts(self, config: Config) -> list[str]:
        """Return what each module of the plain network's body is, in its order."""
        found = []
        for dot in _dots(config):
            found.append(f"down{dot}")
            found += [f"mobile{dot}.{n}" for n in range(int(config[f"mobiles{dot}"]))]
            found += [f"transformer{dot}.{n}" for n in range(int(config[f"transformers{dot}"]))]
        return found

    def supernet(self, outer: Config, seed: int) -> Shared:
        """Return seeded weights of every candidate module (Fig. 3), one path trained at a time."""
        inner = self.inner.values
        most = max(len(values) for values in inner.values())
        paths: list[Config] = [
            {**outer, **{name: values[n % len(values)] for name, values in inner.items()}}
            for n in range(most)
        ]
        return SharedWeights(lambda config: self.plain(config, seed), self._named, paths)

    def _named(self, config: Config, name: str) -> str:
        """Return the shared name of a plain parameter: its module, and which candidate that is."""
        found = re.match(r"body\.(\d+)\.(.*)", name)
        if found is None:
            return name
        part = self.parts(config)[int(found.group(1))]
        for kind, choice in (("down", ""), ("mobile", "expansion"), ("transformer", "kernel")):
            if part.startswith(kind):
                candidate = config[part if not choice else part.replace(kind, choice)]
                return f"{part}={candidate}.{found.group(2)}"
        raise AssertionError(part)

    def plain(self, config: Config, seed: int) -> DotNet:
        """Return a candidate with seeded weights."""
        return DotNet(self.shape(config), Weights(seed))

    def sparsity(self, config: Config) -> dict[str, Sparsity]:
        """Return which layers of the plain network lose blocks, and how many."""
        parts = self.parts(config)
        found: dict[str, Sparsity] = {}
        for name in self._prunable(config):
            place = re.match(r"body\.(\d+)\.", name)
            part = parts[int(place.group(1))] if place else "last"
            share = float(config.get(f"sparsity.{part}", 0.0))
            if share:
                found[name] = (share, int(config[f"block.{part}"]))
        return found

    def _prunable(self, config: Config) -> list[str]:
        """Return the layers of the plain network that can lose blocks, by name."""
        kinds = [re.sub(r"\d.*", "", part) for part in self.parts(config)]
        inside = [
            f"body.{place}.{name}"
            for place, kind in enumerate(kinds)
            for name in self._layers[kind]
        ]
        return [*inside, "last"]

    @cached_property
    def _layers(self) -> dict[str, list[str]]:
        """The names of such layers in a module of each kind, the same whatever its sizes are."""
        rng = np.random.default_rng(0)
        config = {**self.outer.draw(rng), **self.inner.draw(rng)}
        found: dict[str, list[str]] = {"down": []}
        layers = [name.split(".", 2) for name in prunable(self.plain(config, 0))]
        for place, part in enumerate(self.parts(config)):
            inside = [name[2] for name in layers if name[:2] == ["body", str(place)]]
            found[_kind(part)] = inside
        return found

    def graph(self, config: Config) -> Graph:
        """Return the integer graph of a candidate, drawn constants in place of trained ones."""
        return sketch_dot(self.shape(config), self.sparsity(config))

    def words(self, config: Config) -> list[tuple[str, str]]:
        """Return a candidate's parts and what they are, for people."""
        found = []
        for part in [*self.parts(config), "last"]:
            told = self._told(config, part)
            share = float(config.get(f"sparsity.{part}", 0.0))
            if share:
                told += f"; {share:.0%} zero in blocks of {config[f'block.{part}']}"
            found.append((part, told))
        return [*found, ("pooling", str(config["pooling"]))]

    def _told(self, config: Config, part: str) -> str:
        if part.startswith("mobile"):
            return f"expansion {config[part.replace('mobile', 'expansion')]}"
        if part.startswith("transformer"):
            dot, kernel = part.removeprefix("transformer")[0], part.replace("transformer", "kernel")
            words = f"embedding {config[f'embed{dot}']}, {config['heads']} heads"
            return f"{words}, kernel {config[kernel]}"
        return str(config[part])


def _dots(config: Config) -> range:
    return range(1, int(config["dots"]) + 1)


def _kind(part: str) -> str:
    return re.sub(r"\d.*", "", part)


def space(frame: Frame) -> TinyFormerSpace:
    """Return the space for images of a frame."""
    return TinyFormerSpace(frame)
