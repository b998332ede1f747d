"""Faults in how the Numba linker orders steps and reuses memory."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_TESTS = "tests/linkers/numba"
_fault = partial(
    Fault,
    "memory",
    tests=(
        f"{_TESTS}/test_programs.py",
        f"{_TESTS}/test_state.py",
        f"{_TESTS}/test_calls.py",
        "tests/compile/test_state.py",
        "tests/properties",
    ),
)
_BUFFERS, _FUSE = "linkers/aesaralite_numba/buffers.py", "linkers/aesaralite_numba/fuse.py"

FAULTS = (
    _fault(
        "memory is free one step before its last use",
        _BUFFERS,
        "if self._last.get(value, k) > k:",
        "if self._last.get(value, k) > k + 1:",
    ),
    _fault(
        "a result overwrites an operand that is read in another order",
        "linkers/aesaralite_numba/aliasing.py",
        "if not same and (k == number or index in rows):",
        "if not same and index in rows:",
    ),
    _fault(
        "a result overwrites an operand that is read later",
        _BUFFERS,
        "                    and self._last.get(source) == k\n",
        "",
    ),
    _fault(
        "what is written into takes the memory of a base that is read later",
        _BUFFERS,
        "        return self._last.get(base) == k\n",
        "        return self._last.get(base, -1) >= k\n",
    ),
    _fault(
        "an output's memory goes to a base that is read later",
        _BUFFERS,
        "                if self._last.get(base) != begin:\n                    break\n",
        "",
    ),
    _fault(
        "state is written while it's read at other places",
        _FUSE,
        "return all(state not in self.step_reads(step) for step in item.steps if isinstance(step, Kernel))",
        "return True",
    ),
    _fault(
        "state is written before others have read it",
        _FUSE,
        "if maker is not None and fits and self._try_order(maker, [*fallible, *others]):",
        "if maker is not None and fits and self._try_order(maker, fallible):",
    ),
    _fault(
        "two outputs of one value share memory",
        _FUSE,
        "if isinstance(storage, (Map, Reduce, Build, Call, NextState)) and storage not in self.claimed:",
        "if isinstance(storage, (Map, Reduce, Build, Call, NextState)):",
    ),
    _fault(
        "an argument that runs backwards is taken to begin at its first element",
        "linkers/aesaralite_numba/emit/program.py",
        "            low = b.add(low, b.select(forward, I64(0), reach))\n",
        "",
    ),
)
