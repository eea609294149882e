"""The typed errors of Tinyrig. Each class carries the exit code of the `tinyrig` command."""

from __future__ import annotations


class TinyrigError(Exception):
    """Base of every error a user can cause or meet. The message is one clear paragraph."""

    exit_code = 1


class WrongOutputError(TinyrigError):
    """The firmware answered something else than the reference, or a gate failed."""

    exit_code = 1


class InputError(TinyrigError):
    """A model, option or file that cannot be used as given."""

    exit_code = 2


class UnsupportedError(InputError):
    """An operator, type or shape that no frontend supports; names the node.

    `supported` says what would be taken in its place, '' where the message alone does.
    """

    def __init__(self, message: str, supported: str = "") -> None:
        super().__init__(message)
        self.supported = supported


class FitError(TinyrigError):
    """The model does not fit the board; names what overflows and by how much."""

    exit_code = 3


class BrokenRunError(TinyrigError):
    """The run broke: the firmware did not reach its verdict."""

    exit_code = 4


class FirmwareTimeoutError(BrokenRunError):
    """The instruction or time budget ended before the firmware did."""


class FaultError(BrokenRunError):
    """The core faulted; the message holds the registers and the symbol."""


class ProtocolError(BrokenRunError):
    """The firmware's UART transcript is incomplete or corrupt."""


class ConnectionLostError(BrokenRunError):
    """The board, its debug probe or its serial port stopped answering."""


class BuildError(BrokenRunError):
    """The compiler or the linker failed on a generated project."""


class MissingToolError(TinyrigError):
    """A needed tool is not installed; the message holds the line that installs it."""

    exit_code = 5


class InternalError(TinyrigError):
    """A defect of Tinyrig itself; the message says what was being done and how to report it."""

    exit_code = 6
