"""The optimisations that can be switched, and how switches are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from tinyrig.generator.errors import InputError

Attention = Literal["layerwise", "depth-first", "head-streamed"]
Arena = Literal["none", "greedy", "head-tail", "optimal"]
FusedWeights = Literal["never", "auto", "always"]
Sparse = Literal["never", "auto", "always", "flash", "2", "4", "2x4", "3"]
Exponential = Literal["exact", "i-bert", "bitmap"]
Gelu = Literal["exact", "i-bert", "mcuformer"]
Optimize = Literal["balanced", "ram", "cycles", "flash", "none"]
Cycles = Literal["board", "0ws"]

_UNSAID = ("code_in_ram", "input_streaming", "nibbles", "cycles")
"""Fields that words name where they are not as usual: records from before them mean the usual."""

_COPIES = ("weights_in_ram", "code_in_ram")
"""Fields that a choice by a board's cycles permits unless words say otherwise."""

_OFF = "no-"
_LONGEST_LIMIT = 15
"""Digits of a limit: more than any memory or inference has."""


@dataclass(frozen=True)
class Options:
    """One value an optimisation; a field is written on the command line with '-' for '_'.

    attention: layerwise stores Q, K, V and the int8 attention matrix; depth-first a row of scores
    at a time (Jung et al., Eq. 11); head-streamed one head's K and V at a time, with the output
    projection accumulated or the heads kept as int8, whichever is smaller. mlp_streaming: chains of
    row-wise layers run a few tokens at a time, so that the hidden activations never exist for all
    tokens. conv_streaming: convolutions and poolings run image by image and strip by strip up to
    the next small map. token_overwriting: a layer may write over the part of its input it has
    consumed (MCUFormer, Eq. 5). in_place: elementwise layers write over their input. scratch_reuse:
    a kernel's scratch lives in its step alone, over dead bytes (TinyFormer's lookup table).
    large_scratch: kernels may buy cycles with more of it, and keep weights there that are waited
    for otherwise. weights_in_ram: weights and tables that a board waits for most are copied to RAM
    at start; `all` leaves it off. code_in_ram: kernels whose code it waits for most are copied to
    the RAM that it fetches code from without a wait; `all` leaves it off, and for the least RAM
    (optimize=ram) nothing is copied. Words that ask for the fastest on the board (optimize=cycles)
    permit both where they name neither. input_streaming: an input that one convolution or pooling
    alone reads is asked for band by band, by a function of the caller's, and lies in RAM never
    whole; `all` leaves it off, for it changes how the model is called. fuse_activation: tables and
    clamps move into the layer before. sparse: blocks of zero
    weights are left out of flash and passed over (TinyFormer, III-D), auto where a layer takes
    fewer cycles for it, flash where it takes fewer bytes, always wherever a kernel can, 2, 4 and
    2x4 in blocks of just that size, 3 in the paper's along a kernel's width, by portable kernels,
    to be compared; the answer is the dense layer's.
    nibbles: weights of at most four bits may lie two a byte.
    arena: how addresses are found; none gives every buffer its own.

    Two rewrite the float model before it is quantized, so they have references of their own, and
    a graph that comes quantized stays as it is. fused_weights: query and key weights become one
    (Jung et al., section 4.2): never, always, or (auto) where Eq. 9 says it saves operations.
    low_rank: layers factored to this share of their rank, in (0, 1]; 1 is off (MCUFormer), and
    `all` leaves it off, for it costs accuracy.

    exponential, gelu: whose function fills the tables of softmax and GELU; the papers' are there
    to be compared with the exact ones. bitmap leaves softmax that is stored (attention=layerwise)
    without a table: one in scratch is filled as scores need it (TinyFormer, III-D).

    optimize: which of the plans that the switches permit is taken; none takes the one that does
    all they say. max_ram, max_flash and max_cycles are what a plan may take at most, 0 for no
    limit: bytes of arena and of what is copied to RAM, bytes of weights and tables, predicted
    cycles at zero wait states. cycles: whether what a board with an operating point waits for
    weights is weighed beside them (board) or not (0ws).
    """

    attention: Attention = "head-streamed"
    mlp_streaming: bool = True
    conv_streaming: bool = True
    token_overwriting: bool = True
    in_place: bool = True
    scratch_reuse: bool = True
    large_scratch: bool = True
    weights_in_ram: bool = False
    code_in_ram: bool = False
    input_streaming: bool = False
    fuse_activation: bool = True
    sparse: Sparse = "auto"
    nibbles: bool = True
    arena: Arena = "optimal"
    fused_weights: FusedWeights = "auto"
    low_rank: float = 1.0
    exponential: Exponential = "exact"
    gelu: Gelu = "exact"
    optimize: Optimize = "balanced"
    cycles: Cycles = "board"
    max_ram: int = 0
    max_flash: int = 0
    max_cycles: int = 0

    def words(self) -> list[str]:
        """Return words of `--opt` that set the options, in the order of the fields."""
        found = []
        for entry in fields(self):
            value = getattr(self, entry.name)
            name = _word(entry.name)
            if self._is_unsaid(entry.name):
                continue
            if isinstance(value, bool):
                found.append(name if value else off_word(name))
            elif isinstance(value, float):
                short = f"{value:g}"
                found.append(f"{name}={short if float(short) == value else repr(value)}")
            elif isinstance(value, int):
                found += [f"{name}={value}"] if value else []
            else:
                found.append(f"{name}={value}")
        return found

    @property
    def copies(self) -> bool:
        """True where anything may be copied to RAM."""
        return self.weights_in_ram or self.code_in_ram

    def permitting(self, said: Collection[str]) -> Options:
        """Return the options with the copies that they permit where they are not among `said`."""
        if not self._for_board:
            return self
        options = self
        for name in sorted(set(_COPIES).difference(said)):
            options = _with(options, name, True)
        return options

    @property
    def _for_board(self) -> bool:
        """True where what a board waits for decides, and RAM does not."""
        return self.optimize == "cycles" and self.cycles == "board"

    def _is_unsaid(self, name: str) -> bool:
        """True where words leave a field out because it is as usual."""
        if name in _COPIES and self._for_board:
            return False
        return name in _UNSAID and getattr(self, name) == getattr(ALL, name)


ALL = Options()
NONE = Options(
    attention="layerwise",
    mlp_streaming=False,
    conv_streaming=False,
    token_overwriting=False,
    in_place=False,
    scratch_reuse=False,
    large_scratch=False,
    fuse_activation=False,
    sparse="never",
    nibbles=False,
    arena="none",
    fused_weights="never",
)


def _word(field_name: str) -> str:
    return field_name.replace("_", "-")


def option_names() -> tuple[str, ...]:
    """Return every name a switch may have."""
    return tuple(_word(entry.name) for entry in fields(Options))


def parse_options(on: Iterable[str], off: Iterable[str]) -> Options:
    """Return the options that `--opt` words `on`, then `--no-opt` words `off`, describe.

    A word is `all`, `none`, a switch, `name=value`, or `no-name`, which is what the name is among
    `off`: switching a choice off takes its value from `none`. Raises InputError for an unknown
    word, listing the known ones.
    """
    options = ALL
    said: set[str] = set()
    for word in on:
        if word.startswith(_OFF):
            options = _without(options, word.removeprefix(_OFF))
        else:
            options = {"all": ALL, "none": NONE}.get(word) or _set(options, word)
        said = _said(word, said)
    for word in off:
        options = _without(options, word)
        said = _said(off_word(word), said)
    return options.permitting(said)


def _said(word: str, before: set[str]) -> set[str]:
    """Return the copies that words have named; `all` names none, `none` both."""
    if word in ("all", "none"):
        return set(_COPIES) if word == "none" else set()
    return before | {word.removeprefix(_OFF).replace("-", "_")}


def off_word(name: str) -> str:
    """Return the word of `--opt` that leaves an optimisation out as `--no-opt` does."""
    return f"{_OFF}{name}"


def _without(options: Options, name: str) -> Options:
    field_name = _field(name)
    return _with(options, field_name, getattr(NONE, field_name))


def _with(options: Options, field_name: str, value: Any) -> Options:
    changes: dict[str, Any] = {field_name: value}
    return replace(options, **changes)


def _set(options: Options, word: str) -> Options:
    name, _, value = word.partition("=")
    field_name = _field(name)
    kind = get_type_hints(Options)[field_name]
    if kind is bool:
        if value:
            raise InputError(f"Optimisation {name!r} is a switch and takes no value.")
        return _with(options, field_name, True)
    if kind is float:
        return _with(options, field_name, _share(name, value))
    if kind is int:
        return _with(options, field_name, _limit(name, value))
    choices = get_args(kind)
    if not value:
        return _with(options, field_name, getattr(ALL, field_name))
    if value not in choices:
        raise InputError(f"Optimisation {name!r} is one of {', '.join(choices)}, not {value!r}.")
    return _with(options, field_name, value)


def _share(name: str, value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = 0.0
    if not 0.0 < share <= 1.0:
        raise InputError(
            f"Optimisation {name!r} takes a share above 0 and up to 1, as in {name}=0.5, "
            f"not {value!r}."
        )
    return share


def _limit(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= _LONGEST_LIMIT):
        raise InputError(f"{name!r} takes a whole number, as in {name}=20000, not {value!r}.")
    return int(value)


def _field(word: str) -> str:
    if word not in option_names():
        raise InputError(
            f"There is no optimisation {word!r}; there are {', '.join(option_names())}, "
            "and the words all and none."
        )
    return word.replace("-", "_")
