"""Write the tables: ``python -m tests.coefficients``, or only some of them, to look at: ``... NAME NAME``."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import mpmath
from mpmath import mpf

from tests.coefficients.functions import APPROXIMATIONS, CONSTANTS, Approximation
from tests.coefficients.minimax import polynomial, quotient, rounded, value

TARGET = Path(__file__).parents[2] / "linkers/aesaralite_numba/vector_math/coefficients.py"
BITS = {"double": 53, "single": 24}
HEAD = '''"""Constants of the mathematical functions: ``python -m tests.coefficients`` writes this file.

Beside each polynomial stands its greatest relative error in the result, for float64 and float32.
"""

from __future__ import annotations

from .code import Table
from .code import hexadecimal as _hex

# fmt: off
'''


def fitted(approximation: Approximation, size: int | tuple[int, int], bits: int) -> tuple[list[list[mpf]], mpf]:
    """The polynomials, rounded, and the greatest weighted error."""
    a = approximation
    if isinstance(size, int):
        coefficients, worst = polynomial(a.function, a.weight, range(size), a.low, a.high, bits)
        return [coefficients], worst
    found = [[rounded(c, bits) for c in part] for part in quotient(a.function, a.weight, *size, a.low, a.high)]
    return found, max(abs(e) for e in errors(a, found))


def errors(approximation: Approximation, polynomials: Sequence[Sequence[mpf]], count: int = 200) -> Iterator[mpf]:
    """Weighted errors inside the interval."""
    a = approximation
    for k in range(count):
        x = a.low + (a.high - a.low) * (k + mpf(1) / 2) / count
        values = [value(p, x) for p in polynomials]
        found = values[0] / values[1] if len(values) == 2 else values[0]
        with mpmath.workdps(3 * mpmath.mp.dps):
            yield a.weight(x) * (found - a.function(x))


def table(name: str, numbers: Sequence[Sequence[mpf]]) -> str:
    """The line of Python that makes the table."""
    lines = [f"{name} = Table("]
    for part in numbers:
        literals = ", ".join(f'"{_literal(c)}"' for c in part)
        lines.append(textwrap.fill(f"_hex({literals}),", 118, initial_indent="    ", subsequent_indent="         "))
    return "\n".join([*lines, ")"])


def _literal(x: mpf) -> str:
    number = float(x)
    assert mpf(number) == x
    return number.hex()


def entries(names: Sequence[str]) -> Iterator[str]:
    for name, (about, numbers) in CONSTANTS.items():
        if name in names:
            yield f"#: {about}.\n" + table(name, [numbers(bits) for bits in BITS.values()])
    for name, approximation in APPROXIMATIONS.items():
        if name not in names:
            continue
        found = {
            kind: fitted(approximation, getattr(approximation, kind), bits)
            for kind, bits in BITS.items()
            if getattr(approximation, kind)
        }
        bounds = " and ".join(f"2^{float(mpmath.log(worst, 2)):.1f}" for _, worst in found.values())
        about = f"#: {approximation.about}: {bounds}."
        polynomials = [p for p, _ in found.values()]
        if len(polynomials[0]) == 1:
            yield f"{about}\n" + table(name, [p[0] for p in polynomials])
        else:
            yield f"{about}\n" + table(f"{name}_TOP", [p[0] for p in polynomials])
            yield table(f"{name}_BELOW", [p[1] for p in polynomials])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.coefficients", description=__doc__)
    known = [*CONSTANTS, *APPROXIMATIONS]
    parser.add_argument("names", nargs="*", choices=[*known, []], help="tables to print")
    options = parser.parse_args()
    if options.names:
        for entry in entries(options.names):
            print(entry)
    else:
        TARGET.write_text(HEAD + "\n".join(entries(known)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
