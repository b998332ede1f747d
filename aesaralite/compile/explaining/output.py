"""Where reports go, and as what."""

from __future__ import annotations

import os
from os import PathLike
from typing import IO

from aesaralite.graph.arguments import described, is_one_of

__all__ = ["FORMATS", "check_format", "written"]

FORMATS = ("text", "html")


def check_format(name: str) -> None:
    """Make sure that a report can be had in a format.

    Raises
    ------
    ValueError
        If not.
    """
    if not is_one_of(name, FORMATS):
        raise ValueError(f"There is no format {name!r}. There are: {', '.join(map(repr, FORMATS))}.")


def written(text: str, file: str | PathLike[str] | IO[str] | None) -> str:
    """Return a text, and write it to a path or an open file, if there is one."""
    if isinstance(file, str | os.PathLike):
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text)
    elif file is not None:
        if not hasattr(file, "write"):
            raise TypeError(f"file must be a path or an open file, got {described(file)}")
        file.write(text)
    return text
