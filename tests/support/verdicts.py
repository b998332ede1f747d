"""What becomes of a call with bad arguments, and whether that is a proper end.

`judge` evaluates a case of :mod:`support.bad_input`, prints and compiles what comes of it, calls that with each
linker, and says how it ended. Run as a program it judges the cases that it reads, so that a crash is no crash of the
tests;
``python tests/support/verdicts.py "at.join(0, x, 'text')"`` shows one case with its traceback.
"""

from __future__ import annotations

import contextlib
import dis
import io
import json
import os
import random
import resource
import sys
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))  # as a program it finds the tests' modules, too

import aesaralite
from aesaralite import errors
from aesaralite.graph.traversal import explicit_graph_inputs
from aesaralite.tensor.tensor_type import TensorType
from support.bad_input import ARRAYS, NUMBERS, fresh_scope

MEMORY = 6 << 30
"""Bytes of address space for a process that judges: what asks for more gets a MemoryError."""
LINKERS = ("py", "numba")
DOCUMENTED = (
    TypeError, ValueError, IndexError, OverflowError, NotImplementedError, MemoryError,
    *(cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Exception)),
)  # fmt: skip
OURS = ("aesaralite", "aesaralite_python", "aesaralite_numba")


RAISING = ("RAISE_VARARGS", "RERAISE")


class Outcome(NamedTuple):
    """How a case ended.

    Attributes
    ----------
    kind
        ``"fine"``: a result, or an exception that was meant: one that the library raised, or a documented one that
        Python or NumPy raised in the very function that was called. ``"implicit"``: an exception of a documented
        class that was raised deeper, and not by the library. ``"internal"``: one of another class.
        ``"disagree"``: linkers end differently.
    step
        What was being done.
    text
        The exception.
    where
        Where it was raised.
    """

    kind: str
    step: str = ""
    text: str = ""
    where: str = ""


FINE = Outcome("fine")


def judge(case: str, scope: dict[str, Any], linkers: tuple[str, ...] = LINKERS, show: bool = False) -> Outcome:
    """Evaluate a case, and use what comes of it."""
    rng = random.Random(case)
    step = "building"
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        warnings.simplefilter("ignore")
        try:
            result = eval(case, scope)
            variables = [v for v in _flat(result) if isinstance(v, aesaralite.Variable)][:3]
            if not variables:
                return FINE
            step = "printing"
            for variable in variables:
                str(variable), repr(variable), str(variable.type)
            aesaralite.debugprint(variables, file="str")
            aesaralite.pp(variables[0])
            if not linkers:
                return FINE
            step = "compiling"
            outcome = _judge_calls(variables, linkers, rng)
            if outcome is not FINE:
                return outcome
            step = "differentiating"
            return _judge_gradient(variables, rng)
        except BaseException as error:
            if show:
                traceback.print_exc(file=sys.__stderr__)
            return classify(error, step)


def _flat(value: Any, depth: int = 2) -> Iterator[Any]:
    if isinstance(value, (list, tuple)) and depth:
        for element in value:
            yield from _flat(element, depth - 1)
    else:
        yield value


def _judge_calls(variables: list[Any], linkers: tuple[str, ...], rng: random.Random) -> Outcome:
    inputs = list(dict.fromkeys(explicit_graph_inputs(variables)))
    outputs = [v for v in variables if isinstance(v.type, TensorType)]
    if not outputs or any(_elements(v.type.shape) > 10**6 for v in outputs):
        return FINE
    calls = [[_argument(rng, v.type) for v in inputs] for _ in range(3)]
    found: list[Any] = []
    for linker in linkers:
        function = aesaralite.function(
            inputs, outputs, mode=aesaralite.Mode(linker, "fast_run"), on_unused_input="ignore", no_default_updates=True
        )
        ends = []
        for arguments in calls:
            try:
                ends.append([(v.dtype, v.shape) for v in function(*arguments)])
            except BaseException as error:
                outcome = classify(error, f"calling with {linker}: {arguments}")
                if outcome.kind != "fine":
                    return outcome
                ends.append(next(cls.__name__ for cls in DOCUMENTED + (Exception,) if isinstance(error, cls)))
        found.append(ends)
    for ends in found[1:]:
        for arguments, one, other in zip(calls, found[0], ends):
            if one != other and "MemoryError" not in (one, other):
                return Outcome("disagree", f"calling with {arguments}", f"{linkers[0]}: {one}; {linkers[1]}: {other}")
    return FINE


def _elements(shape: Any) -> float:
    return float(np.prod([1.0 if size is None else size for size in shape]))


def _argument(rng: random.Random, kind: Any) -> Any:
    """A value of a type, of any size; now and then something else."""
    if not isinstance(kind, TensorType) or rng.random() < 0.15:
        return eval(rng.choice([*ARRAYS, *NUMBERS, "'text'", "None", "[[1], [2, 3]]", "object()", "[]"]))
    shape = [rng.choice([0, 1, 2, 3, 3]) if size is None else size for size in kind.shape]
    values = np.array([rng.choice([0, 1, 2, -1, 3, 0.5, -2.5, np.nan, np.inf]) for _ in range(int(np.prod(shape)))])
    with np.errstate(all="ignore"):
        return values.reshape(shape).astype(kind.dtype)


def _judge_gradient(variables: list[Any], rng: random.Random) -> Outcome:
    cost = variables[0]
    floats = [v for v in explicit_graph_inputs([cost]) if getattr(v.type, "dtype", "").startswith("float")]
    if not isinstance(cost.type, TensorType) or not cost.dtype.startswith("float") or not floats:
        return FINE
    gradients = aesaralite.grad(cost.sum(), floats[:2], disconnected_inputs="ignore")
    return _judge_calls(gradients, ("py",), rng)


def classify(error: BaseException, step: str) -> Outcome:
    """Say whether an exception was meant by whoever wrote the library."""
    frames = list(traceback.walk_tb(error.__traceback__))
    ours = [frame for frame, _ in frames if (frame.f_globals.get("__name__") or "").split(".")[0] in OURS]
    text = f"{type(error).__name__}: {error}"[:400]
    where = ""
    if frames:
        frame, line = frames[-1]
        where = f"{frame.f_code.co_filename}:{line} in {frame.f_code.co_name}"
    if not ours:  # the case itself, or NumPy: Python's own words about the arguments
        return FINE
    if isinstance(error, (*DOCUMENTED, AssertionError)) and "Apply node that caused the error" in str(error):
        return FINE  # the message shows the node, its inputs and where it was made
    if isinstance(error, (AttributeError, ImportError, RuntimeError)) and _stopped_at(error, *RAISING):
        return FINE
    if not isinstance(error, DOCUMENTED):
        return Outcome("internal", step, text, where)
    if isinstance(error, MemoryError):
        return FINE
    # Python's own words will do about what was called, and about arguments that only were handed on
    if _stopped_at(error, *RAISING, "CALL_FUNCTION_EX") or len(ours) == 1:
        return FINE if str(error) else Outcome("implicit", step, text, where)
    return Outcome("implicit", step, text, where)


def _stopped_at(error: BaseException, *instructions: str) -> bool:
    """Whether the innermost frame is the library's and stopped at one of some instructions."""
    tb = error.__traceback__
    assert tb is not None
    while tb.tb_next is not None:
        tb = tb.tb_next
    if (tb.tb_frame.f_globals.get("__name__") or "").split(".")[0] not in OURS:
        return False
    for instruction in dis.get_instructions(tb.tb_frame.f_code):
        if instruction.offset == tb.tb_lasti:
            return instruction.opname in instructions
    return False


def serve() -> None:
    """Read cases, a line each; write their outcomes."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for line in sys.stdin:
        case, linkers = json.loads(line)
        outcome = judge(case, fresh_scope(), tuple(linkers))
        answers.write(json.dumps(outcome) + "\n")
        answers.flush()


if __name__ == "__main__":
    if sys.argv[1:]:
        print(judge(sys.argv[1], fresh_scope(), show=True))
    else:
        serve()
