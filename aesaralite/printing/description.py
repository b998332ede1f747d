"""Short descriptions that tell graphs and arrays apart."""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from typing import Any

import numpy as np

from aesaralite.graph.arguments import expect
from aesaralite.graph.variable import Variable
from aesaralite.printing.debug import char_from_number

Tags = MutableMapping[Variable, str]


def min_informative_str(obj: Any, indent_level: int = 0, _prev_obs: Tags | None = None) -> str:
    """Return a graph as an indented tree in which each variable is spelled out once.

    Parameters
    ----------
    obj : Variable or object
        What to describe.
    indent_level : int
        How many blanks stand in front.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> x = at.dscalar("x")
    >>> print(min_informative_str(at.exp(x) * x))
    A. Elemwise{mul}
     B. Elemwise{exp}
      C. x
     <C>
    """
    tags: Tags = {} if _prev_obs is None else _prev_obs
    lines = []
    stack = [(obj, indent_level)]
    while stack:
        thing, level = stack.pop()
        tag = tags.get(thing)
        if tag is not None:
            lines.append(f"{' ' * level}<{tag}>")
            continue
        tag = tags[thing] = char_from_number(len(tags))
        owner = getattr(thing, "owner", None)
        if getattr(thing, "name", None) is not None or owner is None:
            lines.append(f"{' ' * level}{tag}. {thing}")
            continue
        lines.append(f"{' ' * level}{tag}. {owner.op}")
        stack.extend((variable, level + 1) for variable in reversed(owner.inputs))
    return "\n".join(lines)


def var_descriptor(obj: Any, _prev_obs: Tags | None = None) -> str:
    """Return a graph as one line that says what each variable is computed from.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> x = at.dscalar("x")
    >>> var_descriptor(at.exp(x) * x)
    'A=Elemwise{mul}(B=Elemwise{exp}(C=x),<C>)'
    """
    tags: Tags = {} if _prev_obs is None else _prev_obs
    pieces: list[str] = []
    stack: list[Any] = [obj]
    while stack:
        thing = stack.pop()
        if isinstance(thing, _Text):
            pieces.append(thing)
            continue
        tag = tags.get(thing)
        if tag is not None:
            pieces.append(f"<{tag}>")
            continue
        tag = tags[thing] = char_from_number(len(tags))
        owner = getattr(thing, "owner", None)
        if owner is None:
            pieces.append(f"{tag}={thing}")
            continue
        pieces.append(f"{tag}={owner.op}(")
        below: list[Any] = []
        for variable in owner.inputs:
            below += [variable, _Text(",")]
        below[-1:] = [_Text(")")]
        stack.extend(reversed(below))
    return "".join(pieces)


def hex_digest(x: np.ndarray) -> str:
    """Return a text that two arrays share if their bytes, shape and strides are the same."""
    expect(x, np.ndarray, "x")
    digest = hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest()
    strides = "[" + ",".join(str(stride) for stride in x.strides) + "]"
    shape = "[" + ",".join(str(size) for size in x.shape) + "]"
    return f"{digest}|strides={strides}|shape={shape}"


class _Text(str):
    """Punctuation that waits among the variables."""
