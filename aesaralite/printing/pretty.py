"""`pp`: a graph as one line of mathematics, by a registry of printers."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aesaralite.graph.arguments import as_pairs, as_variables, described, expect
from aesaralite.graph.op import Op
from aesaralite.graph.utils import Scratchpad
from aesaralite.graph.variable import Constant, Variable

Condition = Op | type | Callable[["PrinterState", Variable], Any]

greek = {name: f"\\{name}" for name in ("alpha", "beta", "gamma", "delta", "epsilon")}
special = {"middle_dot": "\\dot", "big_sigma": "\\Sigma"}

_PLACEHOLDER = re.compile("\x00([0-9]+)\x01")


class PrinterState(Scratchpad):
    """What printers tell the printers of their arguments; attributes may be added.

    Parameters
    ----------
    props : mapping or PrinterState, optional
        Attributes to take over.
    **more_props
        Further attributes, such as ``pprinter``.
    """

    pprinter: PPrinter
    precedence: int | None
    memo: dict[Any, Any]
    _pending: list[tuple[Variable, dict[str, Any]]]

    def __init__(self, props: Mapping[str, Any] | Scratchpad | None = None, **more_props: Any):
        super().__init__()
        if isinstance(props, Scratchpad):
            self.__dict__.update(props.__dict__)
        elif props:
            self.__dict__.update(props)
        self.__dict__.update(more_props)
        self.__dict__.setdefault("memo", {})


@contextmanager
def set_precedence(pstate: PrinterState, precedence: int = -1000) -> Iterator[None]:
    """Print arguments, within the block, as standing inside an operation of a precedence."""
    before = getattr(pstate, "precedence", None)
    pstate.precedence = precedence
    try:
        yield
    finally:
        pstate.precedence = before


class Printer(ABC):
    """Says how the result of some Ops is written.

    Notes
    -----
    A printer gets the text of an argument from ``pstate.pprinter.process(argument, pstate)``. That is
    a placeholder, to be put into the printer's own text as it is: the argument itself is printed
    afterwards, so that the depth of a graph has no limit.
    """

    @abstractmethod
    def process(self, var: Variable, pstate: PrinterState) -> str:
        """Return the text of a variable."""


class OperatorPrinter(Printer):
    """Writes an operator between its arguments, or in front of a single one.

    Parameters
    ----------
    operator : str
        The sign.
    precedence : int
        How strongly it binds. Parentheses are written in any case.
    assoc : {'left', 'right', 'either'}
        How it associates.
    """

    def __init__(self, operator: str, precedence: int, assoc: str = "left"):
        self.operator = operator
        self.precedence = precedence
        self.assoc = assoc

    def process(self, output: Variable, pstate: PrinterState) -> str:
        inputs = _inputs_of(output, f"operator {self.operator}")
        with set_precedence(pstate, self.precedence):
            texts = [pstate.pprinter.process(variable, pstate) for variable in inputs]
        if len(texts) == 1:
            return f"({self.operator}{texts[0]})"
        return f"({f' {self.operator} '.join(texts)})"


class PatternPrinter(Printer):
    """Fills arguments into a pattern.

    Parameters
    ----------
    *patterns : str or tuple
        For each output of the Op a text like ``"|%(0)s|"``, or a tuple of it and the precedences for the
        arguments.
    """

    def __init__(self, *patterns: str | tuple[Any, ...]):
        for pattern in patterns:
            if not isinstance(pattern, str) and not (
                isinstance(pattern, tuple) and pattern[:1] and isinstance(pattern[0], str)
            ):
                raise TypeError(f"A pattern must be a text, or a tuple that begins with one, got {described(pattern)}")
        self.patterns = [
            (pattern, ()) if isinstance(pattern, str) else (pattern[0], pattern[1:]) for pattern in patterns
        ]

    def process(self, output: Variable, pstate: PrinterState) -> str:
        inputs = _inputs_of(output, f"Patterns {self.patterns}")
        pattern, precedences = self.patterns[output.index or 0]
        texts = {}
        for i, variable in enumerate(inputs):
            with set_precedence(pstate, precedences[i] if i < len(precedences) else 1000):
                texts[str(i)] = pstate.pprinter.process(variable, pstate)
        return pattern % texts


class FunctionPrinter(Printer):
    """Writes a call: a name with arguments, and properties of the Op as keywords.

    Parameters
    ----------
    names : sequence of str
        The name for each output of the Op.
    keywords : sequence of str, optional
        The attributes of the Op that are written as keywords.
    """

    def __init__(self, names: Sequence[str], keywords: Sequence[str] | None = None):
        self.names = list(names)
        self.keywords = list(keywords or ())

    def process(self, output: Variable, pstate: PrinterState) -> str:
        inputs = _inputs_of(output, f"function {self.names}")
        assert output.owner is not None
        with set_precedence(pstate):
            texts = [pstate.pprinter.process(variable, pstate) for variable in inputs]
        texts += [f"{keyword}={getattr(output.owner.op, keyword)}" for keyword in self.keywords]
        return f"{self.names[output.index or 0]}({', '.join(texts)})"


class IgnorePrinter(Printer):
    """Writes the only argument, as if the Op weren't there."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        inputs = _inputs_of(output, "ignore")
        if len(inputs) != 1:
            raise TypeError(f"An Op that isn't written must have one input, {output.owner} has {len(inputs)}")
        return pstate.pprinter.process(inputs[0], pstate)


class LeafPrinter(Printer):
    """Writes a variable that no node computes, by its name."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        return greek.get(output.name or "", str(output))


class ConstantPrinter(Printer):
    """Writes a constant by its value."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        return str(output.data)


class DefaultPrinter(Printer):
    """Writes the Op as a function of its arguments."""

    def process(self, output: Variable, pstate: PrinterState) -> str:
        node = output.owner
        if node is None:
            return leaf_printer.process(output, pstate)
        with set_precedence(pstate):
            texts = [pstate.pprinter.process(variable, pstate) for variable in node.inputs]
        return f"{node.op}({', '.join(texts)})"


leaf_printer = LeafPrinter()
constant_printer = ConstantPrinter()
default_printer = DefaultPrinter()


class PPrinter(Printer):
    """A registry of printers, and the function that prints with them.

    Printers are found for an Op first, then by conditions, the ones assigned last coming first.

    Examples
    --------
    >>> import aesaralite.tensor as at
    >>> from aesaralite.printing import PatternPrinter, pprint
    >>> x = at.dscalar("x")
    >>> pprint(at.exp(x) + 1)
    '(exp(x) + 1)'
    >>> mine = pprint.clone_assign(at.exp, PatternPrinter("e^%(0)s"))
    >>> mine(at.exp(x) + 1)
    '(e^x + 1)'
    """

    def __init__(self) -> None:
        self.printers: list[tuple[Callable[[PrinterState, Variable], Any], Printer]] = []
        self.printers_dict: dict[Op, Printer] = {}

    def assign(self, condition: Condition, printer: Printer) -> None:
        """Let a printer write the results of an Op, of a class of Ops, or what meets a condition.

        Parameters
        ----------
        condition : Op, type or callable
            A callable takes a `PrinterState` and a variable, and says whether the printer is meant for it.
        printer : Printer
            The printer.
        """
        if isinstance(condition, Op):
            self.printers_dict[condition] = printer
        elif isinstance(condition, type):
            self.printers.insert(0, (_is_result_of(condition), printer))
        else:
            self.printers.insert(0, (condition, printer))

    def clone(self) -> PPrinter:
        """Return a registry with the same printers."""
        copy = type(self)()
        copy.printers = list(self.printers)
        copy.printers_dict = dict(self.printers_dict)
        return copy

    def clone_assign(self, condition: Condition, printer: Printer) -> PPrinter:
        """Return a registry with the same printers and one more."""
        copy = self.clone()
        copy.assign(condition, printer)
        return copy

    def process(self, r: Variable, pstate: PrinterState | None = None) -> str:
        """Return the text of a variable.

        Parameters
        ----------
        r : Variable
            The variable.
        pstate : PrinterState, optional
            That of the printer which asks for the text of its argument.
        """
        expect(r, Variable, "what is printed")
        pending = getattr(pstate, "_pending", None)
        if pending is None:
            return self._print_whole(r, PrinterState(pstate, pprinter=self))
        pending.append((r, dict(pstate.__dict__)))
        return f"\x00{len(pending) - 1}\x01"

    def process_graph(
        self,
        inputs: Sequence[Variable],
        outputs: Sequence[Variable],
        updates: Mapping[Variable, Variable] | None = None,
        display_inputs: bool = False,
    ) -> str:
        """Return the texts of several variables, one a line, and of what shared variables become.

        Parameters
        ----------
        inputs, outputs : sequence of Variable
            Those of the graph.
        updates : mapping, optional
            The new values of shared variables.
        display_inputs : bool
            Whether to begin with a line of the inputs.
        """
        inputs, outputs = as_variables(inputs, "inputs"), as_variables(outputs, "outputs")
        lines = [f"inputs: {', '.join(str(variable) for variable in inputs)}"] if display_inputs else []
        for i, output in enumerate(outputs):
            name = output.name if output.name is not None else f"out[{i}]" if len(outputs) > 1 else "out"
            lines.append(f"{name} = {self.process(output)}")
        lines += [f"{target} <- {self.process(value)}" for target, value in as_pairs(updates, "updates")]
        return "\n".join(lines)

    def __call__(self, *args: Any) -> str:
        """Return the text of one variable, or with lists of inputs and outputs that of a graph."""
        if len(args) == 1:
            return self.process(*args)
        if len(args) in (2, 3):
            return self.process_graph(*args)
        raise TypeError(f"Expected a variable, or inputs, outputs and updates; got {len(args)} arguments.")

    def _print_whole(self, root: Variable, pstate: PrinterState) -> str:
        """Print a variable, then what its printer asked for, and so on, without recursion."""
        pending: list[tuple[Variable, dict[str, Any]]] = []
        pstate._pending = pending
        pieces: list[str] = []
        stack: list[Iterator[str]] = [_split(self._print_one(root, pstate))]
        is_placeholder = [False]
        while stack:
            piece = next(stack[-1], None)
            if piece is None:
                stack.pop()
                is_placeholder.pop()
                continue
            if is_placeholder[-1]:
                variable, attributes = pending[int(piece)]
                is_placeholder[-1] = False
                stack.append(_split(self._print_one(variable, PrinterState(attributes))))
                is_placeholder.append(False)
            else:
                pieces.append(piece)
                is_placeholder[-1] = True
        return "".join(pieces)

    def _print_one(self, variable: Variable, pstate: PrinterState) -> str:
        printer = None
        if variable.owner is not None:
            printer = self.printers_dict.get(variable.owner.op)
        if printer is None:
            printer = next((p for condition, p in self.printers if condition(pstate, variable)), None)
        if printer is None:
            printer = constant_printer if isinstance(variable, Constant) else default_printer
        return printer.process(variable, pstate)


def _split(template: str) -> Iterator[str]:
    """Yield text and numbers of placeholders by turns, beginning with text."""
    return iter(_PLACEHOLDER.split(template))


def _is_result_of(op_class: type) -> Callable[[PrinterState, Variable], bool]:
    def condition(pstate: PrinterState, variable: Variable) -> bool:
        return variable.owner is not None and isinstance(variable.owner.op, op_class)

    return condition


def _inputs_of(output: Variable, writer: str) -> list[Variable]:
    if output.owner is None:
        raise TypeError(f"{writer} cannot represent a variable that is not the result of an operation")
    return output.owner.inputs
