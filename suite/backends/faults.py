"""What broke a run inside the emulator, in words."""

from __future__ import annotations

from unicorn import arm_const as arm
from unicorn import unicorn_const as const

from tinyrig.generator.errors import FaultError
from tinyrig.suite.backends.counter import Stop
from tinyrig.suite.backends.machine import Machine
from tinyrig.suite.toolchain import Image

_ACCESSES = {
    const.UC_MEM_READ_UNMAPPED: "read of unmapped memory",
    const.UC_MEM_WRITE_UNMAPPED: "write to unmapped memory",
    const.UC_MEM_FETCH_UNMAPPED: "fetch from unmapped memory",
    const.UC_MEM_READ_PROT: "read of memory that cannot be read",
    const.UC_MEM_WRITE_PROT: "write to read-only memory",
    const.UC_MEM_FETCH_PROT: "fetch from memory that holds no code",
}
_EXCEPTIONS = {1: "undefined instruction", 2: "supervisor call", 7: "breakpoint"}
_REGISTERS = {
    **{f"r{number}": arm.UC_ARM_REG_R0 + number for number in range(13)},
    "sp": arm.UC_ARM_REG_SP,
    "lr": arm.UC_ARM_REG_LR,
    "pc": arm.UC_ARM_REG_PC,
    "xpsr": arm.UC_ARM_REG_XPSR,
}


def fault_error(machine: Machine, image: Image) -> FaultError:
    """Return the error for a run that ended neither in its halt nor by its budget."""
    counter = machine.counter
    registers = {name: machine.engine.register(number) for name, number in _REGISTERS.items()}
    reason = Stop(counter.stop)
    if reason is Stop.BAD_ACCESS:
        kind = _ACCESSES.get(counter.fault_kind, f"bad access {counter.fault_kind}")
        cause = f"{kind} at 0x{counter.stop_address:08x} ({counter.fault_size} bytes)"
    elif reason is Stop.MISALIGNED:
        cause = f"misaligned access at 0x{counter.stop_address:08x} ({counter.fault_size} bytes)"
    elif reason is Stop.EXCEPTION:
        cause = _EXCEPTIONS.get(counter.fault_kind, f"exception {counter.fault_kind}")
    else:
        cause = machine.error or "the core stopped"
    dump = " ".join(f"{name}=0x{value:08x}" for name, value in registers.items())
    return FaultError(
        f"The core faulted in {image.locate(registers['pc'])}: {cause}. "
        f"Called from {image.locate(registers['lr'] & ~1)}. Registers: {dump}."
    )
