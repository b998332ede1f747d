"""Graphs as runnable Python programs."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from aesaralite.graph.equality import equal_computations
from aesaralite.graph.shared import SharedVariable
from aesaralite.graph.traversal import ancestors, io_toposort
from aesaralite.graph.variable import Apply, Constant, Variable
from aesaralite.scalar.type import ScalarType
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.joining import MakeVector
from aesaralite.tensor.shaping import ScalarFromTensor
from aesaralite.tensor.tensor_type import TensorType
from aesaralite.testing.expressions import idiomatic
from aesaralite.testing.literals import Source, number_source, value_source
from aesaralite.testing.spelling import PRELUDE, Speller

__all__ = ["Program", "program_of"]

Pairs = Mapping[Any, Any] | Iterable[tuple[Any, Any]]

_SHORT = 40
"""How long a constant is at most that stands where it's used, in characters."""


@dataclass(frozen=True)
class Program:
    """A program that builds a graph, and calls a function of it.

    Attributes
    ----------
    source : str
        The program. It prints what the function returns.
    names : mapping of Variable to str
        The variables that have names in it.
    missing : mapping of str to str
        Classes that it needs and can't import, since they are defined in a function or a script: name and place.
    """

    source: str
    names: Mapping[Variable, str] = field(repr=False)
    missing: Mapping[str, str] = field(repr=False)

    def __str__(self) -> str:
        return self.source

    def run(self, **names: Any) -> dict[str, Any]:
        """Run the program, and return what its names mean then.

        Parameters
        ----------
        **names
            The classes in `missing`.
        """
        exec(compile(self.source, "<program>", "exec"), names)
        return names


def program_of(
    inputs: Sequence[Variable],
    outputs: Sequence[Variable],
    values: Sequence[Any] | None = None,
    updates: Pairs = (),
    givens: Pairs = (),
    modes: Sequence[tuple[str, str | None]] = (),
) -> Program:
    """Return a program that does what ``aesaralite.function(inputs, outputs, ...)(*values)`` does.

    Every expression in it has been evaluated, and gives the very node that it stands for.

    Parameters
    ----------
    inputs, outputs, updates, givens
        As for `aesaralite.function`. Shared variables are made with the values that they have now.
    values : sequence of object, optional
        The arguments of the call; without them there is none.
    modes : sequence of tuple of str and str
        Linkers and optimisers, to compile with one after another. By default the program leaves the mode open.

    Returns
    -------
    Program

    Examples
    --------
    >>> import numpy as np
    >>> import aesaralite.tensor as at
    >>> from aesaralite.testing.programs import program_of
    >>> x = at.dvector("x")
    >>> print(program_of([x], [at.exp(x[1:]) * 2.0], [np.ones(3)]))
    import numpy as np
    import aesaralite
    import aesaralite.tensor as at
    <BLANKLINE>
    x = at.dvector('x')
    v0 = x[1:]
    v1 = at.exp(v0)
    v2 = v1 * 2.0
    <BLANKLINE>
    f = aesaralite.function([x], [v2])
    print(f(np.array([1.0, 1.0, 1.0])))
    """
    inputs = [v for v in inputs if not isinstance(v, SharedVariable)]
    update_pairs, given_pairs = _pairs(updates), _pairs(givens)
    pairs = [*given_pairs, *update_pairs]
    targets = [*inputs, *outputs, *(v for pair in pairs for v in pair if _is_variable(v))]
    first = [*inputs, *(key for key, _ in pairs)]
    draft = _Writer(first)
    draft.write(targets)
    # once more, without what no statement uses, so that names are numbered from 0
    writer = _Writer(first, draft.needed(targets))
    writer.write(targets)
    names = writer.texts
    lines = writer.statements(targets)

    def listed(variables: Iterable[Any]) -> str:
        return f"[{', '.join(names[v] if _is_variable(v) else value_source(v) for v in variables)}]"

    arguments = [listed(inputs), listed(outputs)]
    for word, given in (("updates", update_pairs), ("givens", given_pairs)):
        if given:
            arguments.append(f"{word}=[{', '.join(f'({a}, {b})' for a, b in map(_named(names), given))}]")
    used = set(ancestors([*outputs, *(new for _, new in update_pairs if _is_variable(new))]))
    used.update(ancestors([new for old, new in given_pairs if old in used and _is_variable(new)]))
    if set(inputs) - used:
        arguments.append("on_unused_input='ignore'")
    call = None if values is None else ", ".join(writer.given(value_source(value)) for value in values)
    tail = _calls(arguments, call, modes, [names[s] for s in writer.shared] if update_pairs else [])
    head = [statement for statement in PRELUDE if f"{statement.split()[-1]}." in "\n".join([*lines, *tail])]
    source = "\n".join([*head, *sorted(writer.imports), "", *lines, "", *tail]) + "\n"
    missing = {name: place for name, place in writer.speller.missing.items() if name in source}
    if missing:
        about = [f"# {name} is {place}, which can't be imported" for name, place in missing.items()]
        source = "\n".join([*about, source])
    return Program(source, {v: text for v, text in names.items() if text.isidentifier()}, missing)


def _calls(
    arguments: Sequence[str], call: str | None, modes: Sequence[tuple[str, str | None]], states: Sequence[str]
) -> list[str]:
    if not modes:
        lines = [f"f = aesaralite.function({', '.join(arguments)})"]
        return lines if call is None else [*lines, f"print(f({call}))"]
    lines = []
    if states:
        lines.append(f"before = [(state, state.get_value()) for state in ({', '.join(states)},)]")
    lines.append(f"for linker, optimizer in {list(modes)!r}:")
    if states:
        lines += ["    for state, value in before:", "        state.set_value(value)"]
    lines.append(f"    f = aesaralite.function({', '.join([*arguments, 'mode=aesaralite.Mode(linker, optimizer)'])})")
    if call is not None:
        lines.append(f"    print(linker, f({call}))")
    return lines


class _Writer:
    """Writes a statement for each variable that needs one.

    Parameters
    ----------
    first : sequence of Variable
        Those that get their names first.
    only : set of Variable, optional
        Those to write, if not all.
    """

    def __init__(self, first: Sequence[Variable], only: set[Variable] | None = None) -> None:
        self._only = only
        self.speller = Speller()
        self.texts: dict[Variable, str] = {}
        self.imports: set[str] = set()
        self.shared: list[SharedVariable] = []
        self._statements: list[tuple[tuple[Variable, ...], list[str], set[Variable]]] = []
        self._taken: set[str] = {
            *keyword.kwlist, *self.speller.names, "f", "before", "state", "value", "linker", "optimizer",
            "base64", "pickle", "with_layout", "with_strides", "read_only", "print",
        }  # fmt: skip
        self._count = 0
        self._first = list(dict.fromkeys(first))

    def write(self, targets: Sequence[Variable]) -> None:
        """Find a statement for each variable that others are computed from."""
        pending = [v for v in [*self._first, *targets] if _is_variable(v)]
        done: set[Variable] = set()
        while pending:  # default updates are expressions, too
            nodes = io_toposort([], pending)
            leaves = [v for v in ancestors(pending) if v.owner is None]
            for variable in [*(v for v in self._first if v in leaves), *leaves]:
                if variable not in done:
                    self._leaf(variable)
                done.add(variable)
            for node in nodes:
                if node.outputs[0] not in done and any(map(self._is_wanted, node.outputs)):
                    self._node(node)
                done.update(node.outputs)
            updates = [(s, s.default_update) for s in self.shared if s.default_update is not None]
            pending = [new for _, new in updates if new not in done]
        for variable, new in [(s, s.default_update) for s in self.shared if s.default_update is not None]:
            statement = f"{self.texts[variable]}.default_update = {self.texts[new]}"
            self._statements.append(((variable,), [statement], {variable, new}))

    def needed(self, targets: Sequence[Variable]) -> set[Variable]:
        """Return the variables whose statements targets need."""
        needed = {v for v in targets if _is_variable(v)}
        count = -1
        while len(needed) > count:  # a default update stands after what uses its variable
            count = len(needed)
            for made, _, uses in reversed(self._statements):
                if not needed.isdisjoint(made):
                    needed |= uses
        return needed

    def statements(self, targets: Sequence[Variable]) -> list[str]:
        """Return the statements that targets need, in order."""
        needed = self.needed(targets)
        return [line for made, lines, _ in self._statements if not needed.isdisjoint(made) for line in lines]

    def _is_wanted(self, variable: Variable) -> bool:
        return self._only is None or variable in self._only

    def given(self, source: Source) -> str:
        """Return an expression, and remember what it needs."""
        self.imports |= source.imports
        return source

    # ------------------------------------------------------------------ names
    def _name(self, variable: Variable, prefix: str) -> str:
        wanted = variable.name if variable.name is not None and variable.name.isidentifier() else None
        if wanted is None or wanted in self._taken:
            wanted = f"{prefix}{self._count}"
            while wanted in self._taken:
                self._count += 1
                wanted = f"{prefix}{self._count}"
        self._taken.add(wanted)
        self.speller.names[wanted] = variable
        self.texts[variable] = wanted
        return wanted

    def _define(
        self, variables: tuple[Variable, ...], source: Source, statement: str, uses: Iterable[Variable]
    ) -> None:
        self.imports |= source.imports
        self._statements.append((variables, [*source.before, statement], set(uses)))

    # ----------------------------------------------------------------- leaves
    def _leaf(self, variable: Variable) -> None:
        if isinstance(variable, Constant):
            source = self._constant(variable)
            if len(source) <= _SHORT and not source.imports:
                self.texts[variable] = source
                return
            if not self._is_wanted(variable):
                return
            name = self._name(variable, "c")
        elif not self._is_wanted(variable):
            return
        elif isinstance(variable, SharedVariable):
            self.shared.append(variable)
            name = self._name(variable, "s")
            source = self._shared(variable)
        else:
            name = self._name(variable, "x")
            source = self.speller.variable(variable.type, variable.name)
        self._define((variable,), source, f"{name} = {source}", ())

    def _constant(self, variable: Constant) -> Source:
        data = variable.data
        value = value_source(np.array(data) if isinstance(data, np.ndarray) else data)

        def candidates() -> Iterator[Source]:
            if variable.data is None:
                yield Source("at.NoneConst")
            if isinstance(variable.type, TensorType):
                yield value.within("at.constant({})")
            kind = self.speller.type(variable.type)
            yield Source(f"{kind}.make_constant({value})", kind.imports | value.imports, kind.before)

        found = self.speller.first_right(
            candidates(), lambda made: made.type == variable.type and equal_computations([made], [variable])
        )
        assert found is not None, f"no source for the constant {variable}"
        return found

    def _shared(self, variable: SharedVariable) -> Source:
        value = value_source(variable.get_value(borrow=True))
        name = "" if variable.name is None else f", name={variable.name!r}"

        def candidates() -> Iterator[Source]:
            yield value.within(f"aesaralite.shared({{}}{name})")
            if isinstance(variable.type, TensorType):
                yield value.within(f"aesaralite.shared({{}}{name}, shape={variable.type.shape!r})")
            kind, cls = self.speller.type(variable.type), self.speller.value(type(variable))
            imports = kind.imports | cls.imports | value.imports
            yield Source(f"{cls}({kind}, {value}, strict=None{name})", imports, kind.before)

        found = self.speller.first_right(candidates(), lambda made: made.type == variable.type)
        assert found is not None, f"no source for the shared variable {variable}"
        return found

    # ------------------------------------------------------------------ nodes
    def _node(self, node: Apply) -> None:
        source = None
        for arguments in ([self._short(v) for v in node.inputs], [self._plain(v) for v in node.inputs]):
            texts, leaves = [text for text, _ in arguments], [v for _, more in arguments for v in more]
            if not all(texts):
                continue
            source = self.speller.first_right(
                self._expressions(node, texts), partial(_is_node, node=node, leaves=leaves)
            )
            if source is not None:
                break
        if source is None:
            source = self._by_hand(node, texts)
        uses = [v for v in leaves if self.texts.get(v, "").isidentifier()]
        self._assign(node, source, uses)

    def _assign(self, node: Apply, source: Source, uses: Sequence[Variable]) -> None:
        try:
            gives_all = isinstance(self.speller.evaluate(source), list)
        except Exception:  # of a class that the program doesn't know
            gives_all = node.nout > 1 and node.op.default_output is None
        if gives_all:
            names = [self._name(output, "v") for output in node.outputs]
            text = ", ".join(names) if len(names) > 1 else f"({names[0]},)"
            self._define(tuple(node.outputs), source, f"{text} = {source}", uses)
            return
        default = node.outputs[node.op.default_output or 0]
        name = self._name(default, "v")
        self._define((default,), source, f"{name} = {source}", uses)
        for i, output in enumerate(node.outputs):
            if output is not default:
                other = self._name(output, "v")
                self._define((output,), Source(""), f"{other} = {name}.owner.outputs[{i}]", [default])

    def _expressions(self, node: Apply, texts: Sequence[str]) -> Iterator[Source]:
        for text in idiomatic(node, texts):
            yield Source(text)
        op = self.speller.op(node.op)
        yield op.within(f"{{}}({', '.join(texts)})")
        yield op.within(f"{{}}.make_node({', '.join(texts)}).outputs")

    def _by_hand(self, node: Apply, texts: Sequence[str]) -> Source:
        """Write a node that the Op's `make_node` wouldn't make, such as one whose type a rewrite has made narrower."""
        op = self.speller.op(node.op)
        outputs = [self.speller.variable(output.type, None) for output in node.outputs]
        imports = {"from aesaralite.graph.basic import Apply", *op.imports}.union(*(o.imports for o in outputs))
        text = f"Apply({op}, [{', '.join(texts)}], [{', '.join(outputs)}]).outputs"
        return Source(text, imports, op.before)

    def _plain(self, variable: Variable) -> tuple[str, list[Variable]]:
        """Return the name of an argument; it's empty if that isn't written, as the short way has been found right."""
        return self.texts.get(variable, ""), [variable]

    def _short(self, variable: Variable) -> tuple[str, list[Variable]]:
        """Return how people write an argument, and the variables in that: conversions that Ops make are left out."""
        inner = variable
        while inner.owner is not None and _is_conversion(inner.owner):
            inner = inner.owner.inputs[0]
        if isinstance(inner, Constant):
            if isinstance(inner.type, (TensorType, ScalarType)) and inner.type.ndim == 0:
                return number_source(inner.data), []
            if isinstance(inner.type, TensorType) and inner.type.dtype == "int64" and inner.data.ndim == 1:
                text = str(inner.data.tolist())
                if len(text) <= _SHORT:
                    return text, []
            if inner.data is None or isinstance(inner.data, slice):
                return value_source(inner.data), []
        elif inner.owner is not None and isinstance(inner.owner.op, MakeVector):
            parts = [self._short(v) for v in inner.owner.inputs]
            if all(text for text, _ in parts):
                return f"[{', '.join(text for text, _ in parts)}]", [v for _, more in parts for v in more]
        return self.texts.get(inner, ""), [inner]


def _is_conversion(node: Apply) -> bool:
    op = node.op
    if isinstance(op, DimShuffle):
        return [i for i in op.new_order if i != "x"] == list(range(node.inputs[0].type.ndim))
    return isinstance(op, ScalarFromTensor)


def _is_node(made: Any, node: Apply, leaves: Sequence[Variable]) -> bool:
    outputs = made if isinstance(made, list) else [made]
    new = outputs[0].owner
    if new is None or new.op != node.op or new.nout != node.nout:
        return False
    if isinstance(made, list):
        if len(made) != node.nout or any(a.owner is not new or a.index != i for i, a in enumerate(made)):
            return False
    elif made.index != (node.op.default_output or 0):
        return False
    if any(a.type != b.type for a, b in zip(new.outputs, node.outputs)):
        return False
    if any(a.type != b.type for a, b in zip(new.inputs, node.inputs)):
        return False
    leaves = [v for v in dict.fromkeys(leaves) if not isinstance(v, Constant)]  # constants equal their copies
    return equal_computations(new.outputs, node.outputs, in_xs=leaves, in_ys=leaves)


def _pairs(pairs: Pairs) -> list[tuple[Any, Any]]:
    return list((pairs.items() if isinstance(pairs, Mapping) else pairs) or ())


def _is_variable(thing: Any) -> bool:
    return isinstance(thing, Variable)


def _named(names: Mapping[Variable, str]) -> Any:
    def text(pair: tuple[Any, Any]) -> tuple[str, ...]:
        return tuple(names[v] if _is_variable(v) else value_source(v) for v in pair)

    return text
