"""Why steps that might be one aren't."""

from __future__ import annotations

from .buffers import Plan
from .fuse import Fusion
from .ir import Kernel, Product, Program
from .items import Item
from .values import Build, Call, Callback, Map, Reduce, Value


def separations(fusion: Fusion, program: Program, plan: Plan) -> dict[tuple[int, int], str]:
    """The reason for each two steps, by position, of which one reads what the other makes, and for each kernel and
    the last one before it over the same loops.
    """
    item_of = {step: item for item in fusion.items for step in item.steps}
    makers: dict[Value, int] = {}
    last: dict[tuple, int] = {}
    found: dict[tuple[int, int], str] = {}
    for k, step in enumerate(program.steps):
        if not isinstance(step, Kernel | Call | Product | Callback):
            continue
        item = item_of[step]
        earlier = {makers[value] for value in program.reads[step] if value in makers}
        for part in _parts(item):
            domain = tuple(axis.size for axis in part.axes)
            if domain and domain in last:
                earlier.add(last[domain])
            if domain:
                last[domain] = k
        for other in sorted(earlier - {k}):
            found[other, k] = _reason(fusion, item_of[program.steps[other]], item)
        for value in plan.made(step):
            makers[value] = k
    return found


def _parts(item: Item) -> list[Item]:
    """The groups that an item was made of."""
    return [item] if item.nest is None else item.nest.items


def _reason(fusion: Fusion, first: Item, second: Item) -> str:
    if first is second:
        return "what is written into one array part by part is written in order"
    recorded: dict[str, None] = {}
    for one in _parts(first):
        for other in _parts(second):
            for pair in ((one, other), (other, one)):
                for refusals in (fusion.groups.refusals, fusion.rows.refusals):
                    if pair in refusals:
                        recorded[refusals[pair]] = None
    if recorded:
        return "; ".join(recorded)
    return _apart(first, "first") or _apart(second, "second") or "they run over different loops"


def _apart(item: Item, which: str) -> str | None:
    """Why an item runs along with nothing else."""
    member = item.members[0]
    if isinstance(member, Callback):
        return f"the {which} calls Python back with whole arrays"
    if isinstance(member, Call) or any(isinstance(step, Product) for step in item.steps):
        return f"the {which} is a routine of a library that takes and gives whole arrays"
    if isinstance(member, Build):
        if item.axes:
            return f"the {which} is a scatter, complete only at its end"
        return f"the {which} writes an array in several parts, or where state lies"
    if isinstance(member, Map | Reduce) and not item.axes:
        return f"the {which} is a single number"
    return None
