"""Programs that measure where their time goes: variants of their own, which nobody else calls and no cache keeps."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aesaralite.compile.explaining.description import Explanation
from aesaralite.compile.explaining.timing import Measured, TimedProgram
from aesaralite.compile.linker import CallingPlan
from aesaralite.graph.frozen import FrozenGraph

from .build import build
from .compiled import Compiled
from .emit.timed import WORDS, TimedProgramCode
from .explain import describe_variant
from .symbols import TIMES_SUFFIX
from .variant import Variant

if TYPE_CHECKING:
    from .program import NumbaProgram

_numbers = itertools.count()


class TimedNumbaProgram(TimedProgram):
    """A graph whose steps are timed in machine code.

    Parameters
    ----------
    make
        Gives the program that is made of variants that a function compiles.
    """

    program: NumbaProgram

    def __init__(
        self, graph: FrozenGraph, plan: CallingPlan, make: Callable[[Callable[[Variant], Compiled]], NumbaProgram]
    ) -> None:
        variants: dict[Variant, tuple[Compiled, int]] = {}

        def compile_variant(variant: Variant) -> Compiled:
            name = f"aesaralite_timed_{next(_numbers)}"
            compiled = Compiled(graph, build(graph, plan, variant, name, TimedProgramCode))
            variants[variant] = compiled, compiled.loaded.address_of(TIMES_SUFFIX)
            return compiled

        super().__init__(make(compile_variant))
        self._variants = variants

    def _table(self, variant: Variant) -> Any:
        """The words of a variant's timers: see :mod:`.emit.timed`."""
        _, address = self._variants[variant]
        steps = ctypes.c_int64.from_address(address).value
        return (ctypes.c_int64 * (1 + WORDS * (steps + 1))).from_address(address)

    def _main(self) -> Variant | None:
        """The variant that has done most; None if it was Python that ran the graph."""
        return max(self._variants, key=lambda variant: sum(self._table(variant)[2::WORDS]), default=None)

    def restart(self) -> None:
        for variant in self._variants:
            table = self._table(variant)
            table[1:] = [0] * (len(table) - 1)

    def times(self) -> Mapping[int, Measured]:
        variant = self._main()
        if variant is None:
            return {}
        words = self._table(variant)[1:]
        *times, own = zip(words[::WORDS], words[1::WORDS], strict=True)
        timer = own[0] / max(1, own[1])
        return {
            number: Measured(max(0.0, taken - runs * timer) * 1e-9, runs)
            for number, (taken, runs) in enumerate(times)
            if runs
        }

    def describe(self, values: Sequence[Any]) -> Explanation:
        variant = self._main()
        if variant is None:
            return self.program.describe(values)
        return describe_variant(self.program.graph, self.program.plan, variant, values)
