"""The public header of the variants says what the registry does, and decides as the planner."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_cases import cases
from kernel_library import ROOT, fill
from kernel_runs import planned

from tinyrig.generator.emit.kernel_header import c_expression, header
from tinyrig.generator.planning.expression import ExpressionError
from tinyrig.generator.planning.kernels import Kernel, all_kernels
from tinyrig.suite.studies.kernels.checking.structs import structs


def test_the_header_is_written_from_the_registry() -> None:
    path = ROOT / "include" / "tinyrig" / "variants.h"
    assert path.read_text() == header(), f"run `tinyrig kernels --header {path}`"


@pytest.mark.parametrize("text", ["min(m, n)", "m / 2", "m if n else 0", "1 < m < 3", "~m"])
def test_what_c_has_no_form_of_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="no form in C"):
        c_expression(text)


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder: Path = tmp_path_factory.mktemp("sizes")
    lines = ['#include "tinyrig/tinyrig.h"']
    for kernel in all_kernels():
        cores = ", cores" if kernel.isa == "xpulp" else ""
        name = f"size_of_{kernel.name}"
        arguments = f"const tr_{kernel.op}_params *p, int32_t cores"
        lines.append(f"int32_t {name}({arguments});")
        body = f"(void)cores; return {kernel.name}_scratch_size(p{cores});"
        lines.append(f"int32_t {name}({arguments}) {{ {body} }}")
        told = f"int accepted_by_{kernel.name}(const tr_{kernel.op}_params *p)"
        lines += [f"{told};", f"{told} {{ return {kernel.name}_accepts(p); }}"]
    source = folder / "sizes.c"
    source.write_text("\n".join(lines) + "\n")
    compiler = ["gcc"] if shutil.which("gcc") else [sys.executable, "-m", "ziglang", "cc"]
    options = ["-std=c11", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    library = folder / "sizes.so"
    include = f"-I{ROOT / 'include'}"
    subprocess.run([*compiler, *options, include, source, "-o", library], check=True)
    return ctypes.CDLL(str(library))


@pytest.mark.parametrize("kernel", all_kernels(), ids=lambda kernel: kernel.name)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_scratch_and_legality_are_the_planners(
    sizes: ctypes.CDLL, kernel: Kernel, data: st.DataObject
) -> None:
    case = data.draw(cases(kernel.op))
    cores = data.draw(st.sampled_from([1, 2, 8]))
    params = structs()[f"tr_{kernel.op}_params"]()
    keep: list[Any] = []
    fill(params, case.params, keep)
    found = getattr(sizes, f"size_of_{kernel.name}")(ctypes.byref(params), cores)
    assert found == kernel.scratch_bytes(planned(case), cores)
    accepted = getattr(sizes, f"accepted_by_{kernel.name}")(ctypes.byref(params))
    assert accepted == kernel.accepts(planned(case))
