"""Where the user made a variable: cheap enough to be always on."""

from __future__ import annotations

import linecache
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType

# functools: its wrappers, as that of singledispatch, stand between the user and this package
_OWN_PACKAGES = frozenset({"aesaralite", "aesaralite_python", "aesaralite_numba", "functools"})
_USER_LIKE = ("aesaralite.examples", "aesaralite.testing")


class Origin:
    """The source line at which a variable was made.

    Only a code object and a line number are kept; names are looked up when somebody asks.

    Attributes
    ----------
    filename : str
        The source file, as Python knows it.
    lineno : int
        The line number, from 1.
    function : str
        The name of the function that the line is in.
    """

    __slots__ = ("_code", "lineno")

    def __init__(self, code: CodeType | tuple[str, str], lineno: int):
        self._code = code
        self.lineno = lineno

    @property
    def filename(self) -> str:
        code = self._code
        return code[0] if isinstance(code, tuple) else code.co_filename

    @property
    def function(self) -> str:
        code = self._code
        return code[1] if isinstance(code, tuple) else code.co_name

    def source_line(self) -> str:
        """Return the text of the line, or an empty string where the source is not to be had."""
        return linecache.getline(self.filename, self.lineno).strip()

    def __str__(self) -> str:
        return f"{self.filename}:{self.lineno}, in {self.function}"

    def __repr__(self) -> str:
        return f"Origin({self})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Origin):
            return NotImplemented
        return (self.filename, self.lineno, self.function) == (other.filename, other.lineno, other.function)

    def __hash__(self) -> int:
        return hash((self.filename, self.lineno, self.function))

    def __reduce__(self) -> tuple:
        return Origin, ((self.filename, self.function), self.lineno)


class _Inherited(threading.local):
    origin: Origin | None = None


_inherited = _Inherited()


def capture() -> Origin | None:
    """Return the line of the nearest caller outside this package, or the origin now inherited."""
    if _inherited.origin is not None:
        return _inherited.origin
    frame = _user_frame(sys._getframe(1))
    return None if frame is None else Origin(frame.f_code, frame.f_lineno)


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn of what the nearest caller outside this package does, at that line, whatever lies between."""
    frame = _user_frame(sys._getframe(1))
    if frame is None:
        warnings.warn(message, category, stacklevel=2)
        return
    scope = frame.f_globals
    registry = scope.setdefault("__warningregistry__", {})
    module = scope.get("__name__") or "<unknown>"
    warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, module, registry)


def _user_frame(frame: FrameType | None) -> FrameType | None:
    while frame is not None:
        module = frame.f_globals.get("__name__") or ""
        is_own = module.partition(".")[0] in _OWN_PACKAGES and not module.startswith(_USER_LIKE)
        # in the make_node of a user's Op: the line that applied the Op is further out
        if not is_own and frame.f_code.co_name != "make_node":
            break
        frame = frame.f_back
    return frame


@contextmanager
def inheriting(origin: Origin | None) -> Iterator[None]:
    """Give every variable made inside the block, by this thread, the same origin.

    Parameters
    ----------
    origin : Origin or None
        What to hand on. With None, lines are captured as usual.
    """
    previous = _inherited.origin
    _inherited.origin = origin
    try:
        yield
    finally:
        _inherited.origin = previous
