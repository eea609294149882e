"""CMSIS-NN beside ours: the harness on a stand-in library, and the real one where it is."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.generator.errors import BrokenRunError, InputError, MissingToolError
from tinyrig.generator.graph.requant import requantise
from tinyrig.generator.planning.board import load_board
from tinyrig.suite.backends.registry import backend
from tinyrig.suite.studies.kernels import rows as kernel_rows
from tinyrig.suite.studies.kernels.bench import Measured, measure
from tinyrig.suite.studies.kernels.cmsis_nn.calls import peer_calls
from tinyrig.suite.studies.kernels.cmsis_nn.checkout import open_checkout
from tinyrig.suite.studies.kernels.cmsis_nn.kept import kept_of, load_kept, save_kept
from tinyrig.suite.studies.kernels.cmsis_nn.peer import PeerBench
from tinyrig.suite.studies.kernels.cmsis_nn.scaling import reals, scaling, softmax_scaling
from tinyrig.suite.toolchain.toolchain import load_toolchain

BOARD = load_board("stm32f427")
WHERE = os.environ.get("CMSIS_NN_PATH")

TYPES = """
typedef struct { int32_t w; int32_t h; } cmsis_nn_tile;
typedef struct { void *buf; int32_t size; } cmsis_nn_context;
typedef struct { int32_t n; int32_t h; int32_t w; int32_t c; } cmsis_nn_dims;
typedef struct { int32_t min; int32_t max; } cmsis_nn_activation;
typedef struct {
  cmsis_nn_tile stride; cmsis_nn_tile padding; cmsis_nn_activation activation;
} cmsis_nn_pool_params;
int32_t arm_max_pool_s8(const cmsis_nn_context *, const cmsis_nn_pool_params *,
                        const cmsis_nn_dims *, const int8_t *, const cmsis_nn_dims *,
                        const cmsis_nn_dims *, int8_t *);
int32_t arm_larger(int32_t, int32_t);
"""
POOL = """
#include "arm_nnfunctions.h"
int32_t arm_max_pool_s8(const cmsis_nn_context *ctx, const cmsis_nn_pool_params *p,
                        const cmsis_nn_dims *in, const int8_t *x, const cmsis_nn_dims *filter,
                        const cmsis_nn_dims *out, int8_t *y) {
  (void)ctx;
  for (int32_t h = 0; h < out->h; h++) {
    for (int32_t w = 0; w < out->w; w++) {
      for (int32_t c = 0; c < in->c; c++) {
        int32_t most = p->activation.min;
        for (int32_t i = 0; i < filter->h; i++) {
          for (int32_t j = 0; j < filter->w; j++) {
            const int32_t cell = (h * p->stride.h + i) * in->w + w * p->stride.w + j;
            most = arm_larger(most, x[cell * in->c + c]);
          }
        }
        *y++ = (int8_t)most;
      }
    }
  }
  return 0;
}
"""
LARGER = """
#include "arm_nnfunctions.h"
int32_t arm_larger(int32_t a, int32_t b) { return a > b ? a : b; }
"""


def stand_in(folder: Path, larger: str = LARGER) -> Path:
    """A library with a pooling of our own, its helper in a file of another name."""
    (folder / "Include").mkdir()
    (folder / "Source").mkdir()
    guarded = f"#ifndef NN\n#define NN\n#include <stdint.h>\n{TYPES}\n#endif\n"
    (folder / "Include" / "arm_nnfunctions.h").write_text("/* $Revision:    V.9.9.9 */\n" + guarded)
    (folder / "Include" / "arm_nnsupportfunctions.h").write_text('#include "arm_nnfunctions.h"\n')
    (folder / "Source" / "arm_max_pool_s8.c").write_text(POOL)
    (folder / "Source" / "arm_helpers.c").write_text(larger)
    return folder


def pooling(path: Path) -> Measured:
    bench = PeerBench(open_checkout(path), BOARD, backend("embedded"), load_toolchain("zig"))
    (row,) = (row for row in kernel_rows.rows() if row.name.startswith("maxpool"))
    (found,) = measure([row], BOARD, bench.backend, bench.toolchain, bench)
    return found


def test_peer_runs_on_the_same_input_and_sets_the_target(tmp_path: Path) -> None:
    found = pooling(stand_in(tmp_path))
    assert found.peer is not None
    assert found.peer_version.startswith("9.9.9")
    assert (found.peer.function, found.peer.steps) == ("arm_max_pool_s8", 0)
    assert found.target == found.peer.cycles
    assert found.peer.cycles > found.row.work
    assert found.met == (found.total <= found.peer.cycles)


def test_kept_figures_set_the_same_target(tmp_path: Path) -> None:
    found = pooling(stand_in(tmp_path))
    save_kept(kept_of([found]), tmp_path / "figures.toml")
    (kept,) = load_kept(tmp_path / "figures.toml")
    (again,) = measure([found.row], BOARD, backend("embedded"), load_toolchain("zig"), kept)
    assert (again.peer, again.target) == (found.peer, found.target)
    assert again.peer_version == found.peer_version


def test_a_peer_that_computes_something_else_is_no_peer(tmp_path: Path) -> None:
    wrong = LARGER.replace("a > b", "a < b")
    with pytest.raises(BrokenRunError, match="computes something else"):
        pooling(stand_in(tmp_path, wrong))


def test_sources_are_those_the_function_reaches(tmp_path: Path) -> None:
    checkout = open_checkout(stand_in(tmp_path))
    (tmp_path / "Source" / "arm_unused.c").write_text("int arm_unused(void) { return 0; }\n")
    assert list(checkout.sources(["arm_max_pool_s8"])) == [
        "Source/arm_helpers.c",
        "Source/arm_max_pool_s8.c",
    ]
    with pytest.raises(InputError, match="has no arm_softmax_s8"):
        checkout.sources(["arm_softmax_s8"])


def test_without_a_checkout_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MissingToolError, match="git clone"):
        open_checkout(None)
    with pytest.raises(InputError, match="holds no CMSIS-NN"):
        open_checkout(tmp_path)


@given(st.floats(1e-9, 100.0))
def test_scaling_is_the_real_number(real: float) -> None:
    multiplier, shift = scaling(real)
    assert 2**30 <= multiplier < 2**31
    assert multiplier * 2.0 ** (shift - 31) == pytest.approx(real, rel=2**-30)


@given(st.floats(1e-6, 0.4), st.integers(1, 4))
def test_reals_are_the_requantisations(real: float, channels: int) -> None:
    form, _ = requantise([real], np.zeros(1, np.int64), np.ones(1, np.int64), 0)
    assert reals(form, channels) == pytest.approx([real] * channels, rel=1e-3, abs=2**-30)


def test_softmax_scaling_spans_five_integer_bits() -> None:
    multiplier, shift, least = softmax_scaling(1 / 16)
    assert multiplier * 2.0 ** (shift - 31) == pytest.approx(2.0**26 / 16)
    # 31 * 2^26 / 2^shift codes below the maximum, exp is as good as 0 (TensorFlow Lite's radius).
    assert shift == 23
    assert least == -31 * 2 ** (26 - 23)


def test_every_row_to_beat_has_a_way() -> None:
    for row in kernel_rows.rows():
        if row.fewer is not None:
            assert peer_calls(row.make()), row.name


@pytest.mark.skipif(
    WHERE is None,
    reason="CMSIS_NN_PATH names no checkout: git clone https://github.com/ARM-software/CMSIS-NN",
)
def test_the_real_library_is_a_step_from_ours_at_most() -> None:
    bench = PeerBench(
        open_checkout(Path(str(WHERE))), BOARD, backend("embedded"), load_toolchain("zig")
    )
    rows = [row for row in kernel_rows.rows() if not row.whole and row.padded is None]
    for found in measure(rows, BOARD, bench.backend, bench.toolchain, bench):
        assert (found.peer is None) == (not peer_calls(found.row.make())), found.row.name
