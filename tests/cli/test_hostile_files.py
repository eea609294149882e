"""Files from anybody: archives that are bombs, JSON and TOML mutated at random.

`TINYRIG_ATTACKS` is how many of each are tried; a nightly run tries hundreds.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

import numpy as np
import pytest
from cli.command import check_refusal, tinyrig
from cli.hostile_targets import COUNT, Target, board_text, check, parse, targets
from cli.onnx_files import floating, write
from files.hostile_json import mutations
from files.hostile_npz import KINDS, archives

from tinyrig.generator.errors import InputError
from tinyrig.suite.gate.policy import load_policy

_SEED = int(os.environ.get("TINYRIG_ATTACK_SEED", "0"))


def test_hostile_inputs_and_calibration(model: Path, tmp_path: Path) -> None:
    """Each kind of archive; whatever is no array of the input's shape is refused unread."""
    given, plain = tmp_path / "given.npz", write(tmp_path / "float.onnx", floating())
    for number, (name, raw) in enumerate(archives(COUNT or len(KINDS), _SEED)):
        given.write_bytes(raw)
        started = time.monotonic()
        words = ("run", plain, "--calibration") if number % 2 else ("run", model, "--inputs")
        said = tinyrig(*words, given)
        check(said, started, name)
        if said.code:
            check_refusal(said, 2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_regular_file_is_refused_unread(model: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, kind in ((pipe, "a pipe"), (Path("/dev/zero"), "a device"), (tmp_path, "a folder")):
        check_refusal(tinyrig("run", model, "--inputs", path), 2, f"it is {kind}")
    check_refusal(tinyrig("run", pipe), 2, "it is a pipe")
    (tmp_path / "capsule").mkdir()
    os.mkfifo(tmp_path / "capsule" / "capsule.json")
    check_refusal(tinyrig("replay", tmp_path / "capsule"), 2, "it is a pipe")


def test_too_many_samples_are_refused_from_the_header(model: Path, tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "many.npz", x=np.zeros((70_000, 1, 3, 4), np.int8))
    said = tinyrig("run", model, "--inputs", tmp_path / "many.npz")
    check_refusal(said, 2, "70000 samples", "the limit is 65536")


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> list[Target]:
    return targets(tmp_path_factory.mktemp("kinds"))


@pytest.mark.parametrize("kind", range(7))
def test_hostile_json(kinds: list[Target], kind: int) -> None:
    target = kinds[kind]
    good = target.path.read_bytes()
    for number, raw in enumerate(mutations(good, max(COUNT // 7, 6), _SEED + kind)):
        target.path.write_bytes(raw)
        started = time.monotonic()
        check(target.read(target.path), started, f"{target.name} {number}: {raw[:300]!r}")
    target.path.write_bytes(good)


def test_hostile_boards() -> None:
    """A board's description with lines gone, doubled, or with other values."""
    good, random = board_text(), Random(_SEED)
    values = [
        "-1",
        "0",
        "9" * 5000,
        "0x" + "f" * 5000,
        "nan",
        "[" * 20_000,
        '"x"',
        "{}",
        "[]",
        "1e999",
        "true",
        '"',
    ]
    for _ in range(COUNT or 100):
        lines = good.splitlines()
        at = random.randrange(len(lines))
        key = lines[at].partition("=")[0]
        lines[at : at + 1] = random.choice(
            [[], [lines[at]] * 2, [f"{key}= {random.choice(values)}"], [random.choice(values)]]
        )
        parse("\n".join(lines))
    assert parse(good)


@pytest.mark.parametrize("name", ["budgets.toml", "tolerances.toml", "accepted.toml"])
@pytest.mark.parametrize(
    "raw",
    [
        b"a = " + b"[" * 100_000,
        b"a = " + b"9" * 5000,
        b"\xff\xfe",
        b"a = nan",
        b"a = 0x" + b"f" * 5000,
        b"a = 1",
        b'["m"]\nb = 3',
        b'["m".b]\npeak_ram = -1\nflash = 1\ninstructions = 1',
        b'["m".b]\npeak_ram = nan\nflash = 1\ninstructions = 1',
        b"[default]\nflash = inf",
        b"[[accepted]]\nmodel = 3",
    ],
)
def test_hostile_policies(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(InputError, match=name):
        load_policy(tmp_path)
