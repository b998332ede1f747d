"""Constants of the mathematical functions: ``python -m tests.coefficients`` writes this file.

Beside each polynomial stands its greatest relative error in the result, for float64 and float32.
"""

from __future__ import annotations

from .code import Table
from .code import hexadecimal as _hex

# fmt: off
#: 1 / log(2); log(2) in two parts, of which the first times an exponent is exact.
LN2 = Table(
    _hex("0x1.71547652b82fep+0", "0x1.62e42fefa3800p-1", "0x1.ef35793c76730p-45"),
    _hex("0x1.7154760000000p+0", "0x1.62e0000000000p-1", "0x1.0bfbe80000000p-15"),
)
#: log(2).
LN2_WHOLE = Table(
    _hex("0x1.62e42fefa39efp-1"),
    _hex("0x1.62e4300000000p-1"),
)
#: 1 / log(2) in two parts.
LOG2_E = Table(
    _hex("0x1.71547652b82fep+0", "0x1.777d0ffda0d24p-56"),
    _hex("0x1.7154760000000p+0", "0x1.4ae0c00000000p-26"),
)
#: 2 / pi; pi / 2 in three parts.
QUARTER_TURN = Table(
    _hex("0x1.45f306dc9c883p-1", "0x1.921fb54442d18p+0", "0x1.1a62633145c07p-54", "-0x1.f1976b7ed8fbcp-110"),
    _hex("0x1.45f3060000000p-1", "0x1.921fb60000000p+0", "-0x1.777a5c0000000p-25", "-0x1.ee59da0000000p-50"),
)
#: 1/3, 2 / log(2) and log(2), each in two parts.
POW = Table(
    _hex("0x1.5555555555555p-2", "0x1.5555555555555p-56", "0x1.71547652b82fep+1", "0x1.777d0ffda0d24p-55",
         "0x1.62e42fefa39efp-1", "0x1.abc9e3b39803fp-56"),
    _hex("0x1.5555560000000p-2", "-0x1.5555560000000p-27", "0x1.7154760000000p+1", "0x1.4ae0c00000000p-25",
         "0x1.62e4300000000p-1", "-0x1.05c6100000000p-29"),
)
#: 1 / log(10) in two parts; log10(2) in two, of which the first times an exponent is exact.
LOG10 = Table(
    _hex("0x1.bcb7b1526e50ep-2", "0x1.95355baaafad3p-57", "0x1.34413509f7800p-2", "0x1.fef311f12b358p-46"),
    _hex("0x1.bcb7b20000000p-2", "-0x1.5b235e0000000p-27", "0x1.3440000000000p-2", "0x1.3509f80000000p-18"),
)
#: (exp(r) - 1 - r) / r^2 for |r| < log(2) / 2: 2^-57.9 and 2^-28.1.
EXP = Table(
    _hex("0x1.000000000000cp-1", "0x1.5555555555562p-3", "0x1.555555554fd03p-5", "0x1.111111110d2c5p-7",
         "0x1.6c16c186605a3p-10", "0x1.a01a01bbf750bp-13", "0x1.a019948c7f5b3p-16", "0x1.71dddd7d7c824p-19",
         "0x1.28b2375e3cd31p-22", "0x1.af891215701dep-26"),
    _hex("0x1.0000000000000p-1", "0x1.5554860000000p-3", "0x1.5555220000000p-5", "0x1.1241740000000p-7",
         "0x1.6d07880000000p-10"),
)
#: (2^r - 1) / r for |r| < 1 / 2: 2^-57.5 and 2^-28.3.
EXP2 = Table(
    _hex("0x1.62e42fefa39efp-1", "0x1.ebfbdff82c5abp-3", "0x1.c6b08d704a225p-5", "0x1.3b2ab6fb9ef4dp-7",
         "0x1.5d87fe785cd35p-10", "0x1.4309131275683p-13", "0x1.ffcbfdd593c22p-17", "0x1.62bfbe7aed4c9p-20",
         "0x1.b521e2be58bf0p-24", "0x1.e62b171605e0ap-28", "0x1.ee9d21d22d194p-32"),
    _hex("0x1.62e4300000000p-1", "0x1.ebfbe00000000p-3", "0x1.c6af7a0000000p-5", "0x1.3b2a280000000p-7",
         "0x1.5f096a0000000p-10", "0x1.4447e80000000p-13"),
)
#: (log((1 + s) / (1 - s)) - 2 s) / s^3 in z = s^2, for |s| < (sqrt(2) - 1) / (sqrt(2) + 1): 2^-59.5 and 2^-35.2.
LOG = Table(
    _hex("0x1.5555555555592p-1", "0x1.999999997ff37p-2", "0x1.24924941df4d7p-2", "0x1.c71c52160b150p-3",
         "0x1.74663c92a669dp-3", "0x1.39a1f1ace2d41p-3", "0x1.2f0365b5670aap-3"),
    _hex("0x1.5555540000000p-1", "0x1.999c280000000p-2", "0x1.23d3140000000p-2", "0x1.f1611e0000000p-3"),
)
#: (tanh(x) - x) / x^3 in z = x^2, for |x| < 0.6: 2^-57.3 and 2^-28.1.
TANH_TOP = Table(
    _hex("-0x1.5555555555554p-2", "-0x1.4fd6fe5ed83c3p-6", "-0x1.a1a2c15662531p-13"),
    _hex("-0x1.5555480000000p-2", "-0x1.9506160000000p-10"),
)
TANH_BELOW = Table(
    _hex("0x1.0000000000000p+0", "0x1.d891e94b62199p-2", "0x1.7d96a80de1865p-6", "0x1.b10e872df6308p-13"),
    _hex("0x1.0000000000000p+0", "0x1.9e55e60000000p-2"),
)
#: (sinh(x) - x) / x^3 in z = x^2, for |x| < 1: 2^-61.8 and 2^-31.6.
SINH = Table(
    _hex("0x1.5555555555556p-3", "0x1.111111111101ep-7", "0x1.a01a01a03726fp-13", "0x1.71de3a3b06023p-19",
         "0x1.ae646ff60977cp-26", "0x1.6116f410b1b55p-33", "0x1.b5c8d0faab474p-41"),
    _hex("0x1.5555560000000p-3", "0x1.1110e00000000p-7", "0x1.a022bc0000000p-13", "0x1.756c200000000p-19"),
)
#: (sin(r) - r) / r^3 in z = r^2, for |r| < pi / 4: 2^-57.8 and 2^-27.8.
SIN = Table(
    _hex("-0x1.5555555555548p-3", "0x1.111111110f6f9p-7", "-0x1.a01a019bde544p-13", "0x1.71de354985dadp-19",
         "-0x1.ae5e4115311f9p-26", "0x1.5d8803036a48ep-33"),
    _hex("-0x1.5555440000000p-3", "0x1.1106c60000000p-7", "-0x1.991c1a0000000p-13"),
)
#: (cos(r) - 1 + r^2 / 2) / r^4 in z = r^2, for |r| < pi / 4: 2^-63.8 and 2^-32.9.
COS = Table(
    _hex("0x1.555555555554ap-5", "-0x1.6c16c16c14e00p-10", "0x1.a01a019c5ca42p-16", "-0x1.27e4f7cde6949p-22",
         "0x1.1ee9c3f73dd4fp-29", "-0x1.8f9a50e2c549ap-37"),
    _hex("0x1.55554a0000000p-5", "-0x1.6c0c200000000p-10", "0x1.99e42c0000000p-16"),
)
#: (atanh(s) / s - 1 - s^2 / 3) / s^4 in z = s^2, for |s| < (sqrt(2) - 1) / (sqrt(2) + 1): 2^-66.3.
LOG_REST = Table(
    _hex("0x1.9999999999b2fp-3", "0x1.2492492457f1cp-3", "0x1.c71c722d42a27p-4", "0x1.745ce9ee8cb4bp-4",
         "0x1.3b1eea333cddcp-4", "0x1.0f8010cdcc54ap-4", "0x1.0e4160a474e2cp-4"),
)
#: atanh(s) / s in z = s^2, for |s| < (sqrt(2) - 1) / (sqrt(2) + 1), for float32: 2^-45.1.
LOG_SHORT = Table(
    _hex("0x1.fffffffffff0fp-1", "0x1.5555555673713p-2", "0x1.9999962787b86p-3", "0x1.249439cdb044ep-3",
         "0x1.c62069a31786fp-4", "0x1.919a13d94d04fp-4"),
)
#: (2^r - 1) / r for |r| < 1 / 2, for float32: 2^-34.3.
EXP2_SHORT = Table(
    _hex("0x1.62e42fef7adf5p-1", "0x1.ebfbe07adf907p-3", "0x1.c6b08df5b19f1p-5", "0x1.3b29f0d703dcbp-7",
         "0x1.5d872231c61a4p-10", "0x1.445e8c2d54f9ep-13", "0x1.00f21470e4218p-16"),
)
#: (2^r - 1 - log(2) r) / r^2 for |r| < 1 / 2: 2^-57.5.
EXP2_REST = Table(
    _hex("0x1.ebfbdff82c5a5p-3", "0x1.c6b08d704a0e3p-5", "0x1.3b2ab6fb9fe78p-7", "0x1.5d87fe789caacp-10",
         "0x1.4309130f7e15cp-13", "0x1.ffcbfc94781c6p-17", "0x1.62bfc5b851f76p-20", "0x1.b52499437be76p-24",
         "0x1.e61f06cc71280p-28", "0x1.ea664d587b651p-32"),
)
#: (1 + f)^(-1/3) for 1 + f between sqrt(1/2) and sqrt(2), improved upon later: 2^-17.4 and 2^-11.1.
CBRT = Table(
    _hex("0x1.0000409fa7478p+0", "-0x1.55425d2fe7dadp-2", "0x1.c5d8cd74458edp-3", "-0x1.681395911acc0p-3",
         "0x1.48899bdda5dbbp-3", "-0x1.baa2e34716166p-4"),
    _hex("0x1.ffe2f80000000p-1", "-0x1.5881140000000p-2", "0x1.e3fec40000000p-3", "-0x1.2db3140000000p-3"),
)
