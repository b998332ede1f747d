"""What a fault is."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Fault"]


class Fault(NamedTuple):
    """One deliberate mistake.

    Attributes
    ----------
    group, name
        What it's called.
    file
        The file, from the root of the repository.
    old, new
        Text that stands once in the file, and what is put in its place.
    tests
        What pytest is given: files and folders in which the fault should be noticed, those most likely first.
    explained
        Why no test can notice it, if none can.
    """

    group: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    explained: str = ""
