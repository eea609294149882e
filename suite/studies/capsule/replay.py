"""A capsule booted again: its outputs against what they must be, element by element."""

from __future__ import annotations

from dataclasses import dataclass

from tinyrig.generator.errors import BrokenRunError, InputError
from tinyrig.generator.options import Options
from tinyrig.generator.planning.board import Board, load_board
from tinyrig.generator.planning.plan import make_plan
from tinyrig.generator.planning.streams.ways import Way
from tinyrig.suite.backends.capabilities import DEFAULT_BUDGET
from tinyrig.suite.backends.interface import Backend, BootResult
from tinyrig.suite.reference.compare import Mismatch, first_mismatch
from tinyrig.suite.rig.firmware import firmware_of_plan
from tinyrig.suite.rig.measuring import Progress, boot_image
from tinyrig.suite.rig.verdict import answers
from tinyrig.suite.studies.capsule.capsule import Capsule
from tinyrig.suite.studies.capsule.origin import options_of
from tinyrig.suite.toolchain.image import Image
from tinyrig.suite.toolchain.toolchain import load_toolchain


@dataclass(frozen=True)
class Compared:
    """One output: its name, shape, and the first element that differs, None when none does."""

    tensor: str
    shape: tuple[int, ...]
    mismatch: Mismatch | None


@dataclass(frozen=True)
class Replay:
    """What a replay gave, on what."""

    board: str
    backend: str
    version: str
    built_by: str
    outputs: tuple[Compared, ...]
    instructions: int | None

    @property
    def equal(self) -> bool:
        """Whether every element is what it must be."""
        return all(output.mismatch is None for output in self.outputs)


def replay(
    capsule: Capsule,
    backend: Backend,
    *,
    board: str | None,
    toolchain: str | None,
    as_built: bool,
    progress: Progress,
) -> Replay:
    """Boot a capsule on its own board, or another, and compare.

    It is planned and built anew, by its own compiler or another, unless it is taken `as_built`.
    InputError when an ELF as built is asked for on another board or by another compiler.
    BrokenRunError when a build fails its own checks or the two builds differ.
    """
    document = capsule.document
    target = load_board(board or document.board)
    compiler = toolchain or document.toolchain.name
    if as_built:
        if (target.full_name, compiler) != (document.board, document.toolchain.name):
            raise InputError(
                f"The ELF in {capsule.folder} is for {document.board} by "
                f"{document.toolchain.name}; without --as-built it is built for others."
            )
        images = tuple(capsule.image(checked=kind) for kind in (False, True))
        built_by = f"{document.toolchain.name} {document.toolchain.version}, as built"
    else:
        progress("generating and compiling")
        images, built_by = _build(capsule, target, compiler)
    progress("booting")
    boots = [_boot(backend, image, target, capsule) for image in images]
    if boots[0].transcript.outputs != boots[1].transcript.outputs:
        raise BrokenRunError(
            f"The clean and the checked build of {capsule.graph.name!r} answer differently on "
            f"{target.name}: a buffer or the stack is used outside its bounds."
        )
    got = answers(capsule.graph, boots[0].transcript.outputs)
    return Replay(
        board=target.name,
        backend=boots[0].backend,
        version=boots[0].version,
        built_by=built_by,
        outputs=tuple(
            Compared(name, expected.shape, first_mismatch(expected, got[name]))
            for name, expected in capsule.expected.items()
        ),
        instructions=boots[0].instructions,
    )


def _build(capsule: Capsule, board: Board, compiler: str) -> tuple[tuple[Image, ...], str]:
    tools = load_toolchain(compiler, board.compiler)
    options: Options = options_of(capsule.document.options)
    document = capsule.document
    plan = make_plan(
        capsule.graph,
        board,
        options=options,
        ref_only=document.ref_only,
        ways={site: Way.of(word) for site, word in document.ways.items()},
        prefer=(document.layer.kernel,),
    )
    built = firmware_of_plan(plan, capsule.sample, tools)
    return (built.clean, built.checked), f"{tools.name} {tools.version}"


def _boot(backend: Backend, image: Image, board: Board, capsule: Capsule) -> BootResult:
    name = capsule.graph.name
    return boot_image(backend, image, board, name, capsule.sample, DEFAULT_BUDGET)
