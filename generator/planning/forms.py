"""The forms a step's weights can take, each with its kernel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyrig.generator.planning.call import Call, Table
from tinyrig.generator.planning.kernels import Kernel, blocks_of, legal_kernels
from tinyrig.generator.planning.packing import packed
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS
from tinyrig.generator.planning.sparse_packing import stream_bytes


@dataclass(frozen=True, eq=False)
class Form:
    """A variant for a call."""

    kernel: Kernel
    call: Call

    @property
    def flash(self) -> int:
        """Bytes of all the call's constants as the variant reads them."""
        sparse = SPARSE_FORMATS.get(self.kernel.pack)
        if sparse is None:
            return constant_bytes(packed(self.call, self.kernel.pack))
        weight = self.call.params["weight"]
        assert isinstance(weight, Table)
        values = weight.values
        stream = stream_bytes(len(values), blocks_of(weight, sparse), sparse)
        return constant_bytes(self.call) - values.nbytes + stream


def forms(call: Call, isas: Sequence[str], *, large: bool = False) -> tuple[Form, ...]:
    """Return the form of every legal variant, those of large scratch only if `large`."""
    return tuple(Form(kernel, call) for kernel in legal_kernels(call, isas, large=large))


def constant_bytes(call: Call) -> int:
    """Return the bytes of the tables a call names itself."""
    return sum(table.values.nbytes for table in call.params.values() if isinstance(table, Table))
