"""The forms a step's weights can take, each with its kernel, and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.kernels import Kernel, Packs, legal_kernels
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.generator.planning.sparse_packing import stored_blocks, stream_bytes


@dataclass(frozen=True, eq=False)
class Form:
    """A variant for a call on a number of cores."""

    kernel: Kernel
    call: Call
    cores: int = 1

    @property
    def cycles(self) -> int:
        """About how many cycles one execution takes, by the registry's estimate."""
        return self.kernel.cost_of(self.call, self.cores)

    @property
    def flash(self) -> int:
        """Bytes of all the call's constants as the variant reads them."""
        sparse = SPARSE_FORMATS.get(self.kernel.pack)
        if sparse is None:
            return constant_bytes(packed(self.call, self.kernel.pack))
        weight = self.call.params["weight"]
        assert isinstance(weight, Table)
        values = weight.values
        stream = stream_bytes(len(values), stored_blocks(values, sparse), sparse)
        return constant_bytes(self.call) - values.nbytes + stream


def forms(
    call: Call, isas: Sequence[str], cores: int = 1, *, large: bool = False
) -> tuple[Form, ...]:
    """Return the form of every legal variant, those of large scratch only if `large`."""
    return tuple(Form(kernel, call, cores) for kernel in legal_kernels(call, isas, large=large))


def choose_form(found: Iterable[Form], isas: Sequence[str], among: Packs) -> Form:
    """Return the form `among` prefers; ties go to the board's first instruction set.

    UnsupportedError when there is none.
    """
    allowed = [form for form in found if form.kernel.pack in among.allowed]
    if not allowed:
        raise UnsupportedError(f"No kernel of {', '.join(isas)} can execute this layer.")
    smaller = [form for form in allowed if form.kernel.shrinks(form.call)]
    sparse = [form for form in smaller if form.kernel.pack in SPARSE_FORMATS]
    wanted = [form for form in allowed if form.kernel.pack in among.first]
    fewest = among.fewest and bool(sparse)

    def rank(form: Form) -> tuple[int, int, int]:
        return (form.flash if fewest else 0, form.cycles, isas.index(form.kernel.isa))

    return min(wanted or (sparse if fewest else smaller), key=rank)


def choose_kernel(
    call: Call,
    isas: Sequence[str],
    among: Packs,
    cores: int = 1,
    *,
    large: bool = False,
) -> Kernel:
    """Return the variant of the form that is chosen for a call; see `forms` and `choose_form`."""
    found = forms(call, isas, cores, large=large)
    if not found:
        raise UnsupportedError(f"No kernel of {', '.join(isas)} can execute {call.op} here.")
    return choose_form(found, isas, among).kernel


def constant_bytes(call: Call) -> int:
    """Return the bytes of the tables a call names itself."""
    return sum(table.values.nbytes for table in call.params.values() if isinstance(table, Table))
