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
#: pi / 2 and pi, each in two parts; pi / 4 - 1.
TURNS = Table(
    _hex("0x1.921fb54442d18p+0", "0x1.1a62633145c07p-54", "0x1.921fb54442d18p+1", "0x1.1a62633145c07p-53",
         "-0x1.b7812aeef4b9fp-3"),
    _hex("0x1.921fb60000000p+0", "-0x1.777a5c0000000p-25", "0x1.921fb60000000p+1", "-0x1.777a5c0000000p-24",
         "-0x1.b7812a0000000p-3"),
)
#: (log(2 pi) - 1) / 2; psi(2) and the zero of psi, each in two parts.
GAMMA = Table(
    _hex("0x1.acfe390c97d69p-2", "0x1.b0ee6072093cep-2", "0x1.6cb90701fbfabp-58", "0x1.762d86356be3fp+0",
         "0x1.b86a722197829p-54"),
    _hex("0x1.acfe3a0000000p-2", "0x1.b0ee600000000p-2", "0x1.c824f40000000p-28", "0x1.762d860000000p+0",
         "0x1.ab5f200000000p-27"),
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
#: (exp(r) - 1) / r for |r| < log(2) / 2, for float32: 2^-34.2.
EXP_SHORT = Table(
    _hex("0x1.ffffffffc2ea9p-1", "0x1.00000045fe211p-1", "0x1.555555bc66784p-3", "0x1.55547a95c5fe1p-5",
         "0x1.111061a5a0b0ep-7", "0x1.6d9b55e8e7bf8p-10", "0x1.a1d221040b569p-13"),
)
#: erf(x) / x - 1 in z = x^2, for |x| < 0.75: 2^-56.1 and 2^-27.7.
ERF = Table(
    _hex("0x1.06eba8214db69p-3", "-0x1.812746b037a32p-2", "0x1.ce2f21a046d6bp-4", "-0x1.b82ce313ea85bp-6",
         "0x1.565bcd4ab0d16p-8", "-0x1.c02dbfa87ff0dp-11", "0x1.f9a47e3cbd049p-14", "-0x1.f4e996553b324p-17",
         "0x1.baba749c23f52p-20", "-0x1.61680e7ee0e6fp-23", "0x1.c8f1ddfbc15c1p-27"),
    _hex("0x1.06eba80000000p-3", "-0x1.81273a0000000p-2", "0x1.ce29ec0000000p-4", "-0x1.b788de0000000p-6",
         "0x1.4dd2dc0000000p-8", "-0x1.58acba0000000p-11"),
)
#: log(erfc(x)) for x from 0.75 on, as far as it shows beside 1: 2^-60.9 and 2^-32.7.
ERF_FAR = Table(
    _hex("0x1.87558b6509910p-27", "-0x1.20dd77b38c9d0p+0", "-0x1.45f2e36095ad4p-1", "-0x1.a4f977db0de96p-4",
         "0x1.399bb0b2a92a9p-6", "0x1.7d2bcdcf80200p-13", "-0x1.b09734fe78e9dp-10", "0x1.15513630e69e1p-11",
         "0x1.4c9339fa9ff97p-15", "-0x1.fd690efef1796p-14", "0x1.257509b6576ddp-14", "-0x1.b9b37b68e1910p-16",
         "0x1.f2ab7e908885bp-18", "-0x1.b6289a01602bfp-20", "0x1.2cdb5273d9c85p-22", "-0x1.3e2b13fa3d3a1p-25",
         "0x1.f592cebba9078p-29", "-0x1.15ba100ed65ddp-32", "0x1.8189795863ce7p-37", "-0x1.f892c91119f0ap-43"),
    _hex("0x1.6dbd960000000p-14", "-0x1.21079e0000000p+0", "-0x1.44e1c60000000p-1", "-0x1.b4f2c00000000p-4",
         "0x1.85e3a00000000p-6", "-0x1.c945ba0000000p-9", "0x1.cc5cfc0000000p-13", "0x1.17e7d80000000p-16",
         "-0x1.7c9c420000000p-19"),
)
#: exp(x^2) erfc(x) (1 + 2x) in q = (x - 4) / (x + 4), for x from 0.75 to 28: 2^-54.4.
ERFC = Table(
    _hex("0x1.3ba5916e9fd7fp+0", "-0x1.1df1ad154a2a9p-3", "0x1.f7f5df66fab52p-7", "0x1.16ecefcfa720bp-4",
         "-0x1.9ddb23c3d0b4fp-4", "0x1.7fee004dbf782p-4", "-0x1.0fb06e00debbap-4", "0x1.3079ee039a407p-5",
         "-0x1.096237f6adb93p-6", "0x1.49c66ded50667p-8", "-0x1.8d4b26a44f223p-11", "-0x1.a1db3b0e3cf8bp-13",
         "0x1.3bead3505385ap-13", "-0x1.99dfff3651ab6p-16", "-0x1.7a7e0cfebc204p-17", "0x1.84e8119b72e08p-18",
         "0x1.abed3deb7c2e9p-22", "-0x1.04216d186fb93p-20", "-0x1.0bc4d6604e5dap-25", "0x1.07185874d4e25p-22",
         "0x1.f53f0226e3171p-26", "-0x1.21a34c3353ef2p-24"),
)
#: exp(x^2) erfc(x) (1 + 2x) in q = (x - 3) / (x + 3), for x from 0.75 to 11, for float32: 2^-32.0.
ERFC_SHORT = Table(
    _hex("0x1.40c522d81cfd5p+0", "-0x1.15c084053f630p-3", "-0x1.85a16172d9b07p-5", "0x1.09833ccb4cc39p-3",
         "-0x1.e88b38d36d03dp-4", "0x1.17cf9089ef318p-4", "-0x1.857f353673dadp-6", "0x1.46eea09b7476ap-9",
         "0x1.f1772736faf7ep-10", "-0x1.610d617da1c3dp-11", "-0x1.e104dd1379ea4p-14"),
)
#: (arctan(t) - t) / t^3 in z = t^2, for |t| < 1: 2^-57.1 and 2^-28.3.
ATAN = Table(
    _hex("-0x1.5555555555526p-2", "0x1.99999999955b1p-3", "-0x1.249249237f4a4p-3", "0x1.c71c717fcbe69p-4",
         "-0x1.745d11ab42588p-4", "0x1.3b136631b9295p-4", "-0x1.110e4af21c4d3p-4", "0x1.e1bb350924577p-5",
         "-0x1.ae5bbca7ac7c3p-5", "0x1.82cf0acc72e2cp-5", "-0x1.597e3299096f8p-5", "0x1.2bd36b55c8425p-5",
         "-0x1.e8ae005fb2770p-6", "0x1.666ffc04798cep-6", "-0x1.c3c9f381161dbp-7", "0x1.d1d98cc0fb7dep-8",
         "-0x1.73a470fc40319p-9", "0x1.a9f079da33f40p-11", "-0x1.35e244dc17c6dp-13", "0x1.abfe682da9ad1p-17"),
    _hex("-0x1.55553e0000000p-2", "0x1.9991e40000000p-3", "-0x1.2420840000000p-3", "0x1.c08c080000000p-4",
         "-0x1.5807360000000p-4", "0x1.da1e0e0000000p-5", "-0x1.fd587c0000000p-6", "0x1.63eb980000000p-7",
         "-0x1.d2d2d00000000p-10"),
)
#: (arcsin(s) - s) / s^3 in z = s^2, for |s| < 1 / 2: 2^-59.9 and 2^-27.6.
ASIN = Table(
    _hex("0x1.5555555555577p-3", "0x1.333333332e132p-4", "0x1.6db6db7212cd7p-5", "0x1.f1c71a949ecc3p-6",
         "0x1.6e8bdeee1e9fep-6", "0x1.1c49ef1ac8dcbp-6", "0x1.ca1fb19dfffcbp-7", "0x1.758435e94294ap-7",
         "0x1.6144d8fa41701p-7", "0x1.e56c529d84443p-9", "0x1.63c97b298ce95p-6", "-0x1.58418ecb9c43ap-6",
         "0x1.0b5d4bf1c21c2p-5"),
    _hex("0x1.5555c80000000p-3", "0x1.3302040000000p-4", "0x1.747bbc0000000p-5", "0x1.8c3df60000000p-6",
         "0x1.595cd60000000p-5"),
)
#: (gammaln(2 + t) - psi(2) t) / t^2 for |t| < 1 / 2: 2^-59.7 and 2^-29.3.
GAMMALN = Table(
    _hex("0x1.4a34cc4a60fa6p-2", "-0x1.13e001a557605p-4", "0x1.51322ac7d88c8p-6", "-0x1.e404fc218fcd0p-8",
         "0x1.7add6ead1d882p-9", "-0x1.38ac5c2beda34p-10", "0x1.0b36afd3f2288p-11", "-0x1.d3fd4c4847921p-13",
         "0x1.a1278649debb7p-14", "-0x1.78de71f3b68c5p-15", "0x1.5814b1300a4c8p-16", "-0x1.3cb8147af910fp-17",
         "0x1.24eb1384e3d6fp-18", "-0x1.1232245fc23ccp-19", "0x1.0a85b35b83053p-20", "-0x1.d2af1941f8b81p-22",
         "0x1.1d735b06f1366p-23", "-0x1.17dca9cb6c074p-23", "0x1.07f6f8e192e2fp-23"),
    _hex("0x1.4a34cc0000000p-2", "-0x1.13dff60000000p-4", "0x1.5133600000000p-6", "-0x1.e41a0e0000000p-8",
         "0x1.7a48b60000000p-9", "-0x1.35b54c0000000p-10", "0x1.1774580000000p-11", "-0x1.13c1fe0000000p-12",
         "0x1.104ca20000000p-14"),
)
#: (gammaln(x) - (x - 1/2) log(x) + x - log(2 pi) / 2) x in z = 1 / x^2, for x from 8 on: 2^-63.2 and 2^-33.5.
STIRLING = Table(
    _hex("0x1.5555555555516p-4", "-0x1.6c16c169f22b0p-9", "0x1.a019f4baa43c5p-11", "-0x1.380a56dec0536p-11",
         "0x1.b5f26c62e8b01p-11", "-0x1.a5c7d65aaef40p-10"),
    _hex("0x1.55553c0000000p-4", "-0x1.69bb9a0000000p-9"),
)
#: psi(1.5 + t) / (1.5 + t - zero) for |t| < 1 / 2: 2^-53.6 and 2^-26.4.
PSI = Table(
    _hex("0x1.e6f0cbb873617p-1", "-0x1.b1cb63005ee98p-2", "0x1.eca189b8e6743p-3", "-0x1.2feeeb98a7817p-3",
         "0x1.8512e590c96bcp-4", "-0x1.fb44202a53f7fp-5", "0x1.4de9a9d9578efp-5", "-0x1.b9f8b1040b48ap-6",
         "0x1.25647f244f8d1p-6", "-0x1.863569651f148p-7", "0x1.03beee4baa744p-7", "-0x1.5a05f69dc4bd6p-8",
         "0x1.cd66feb2d02e5p-9", "-0x1.337ae83c817b0p-9", "0x1.963e182c2ffa8p-10", "-0x1.0f18b15e47117p-10",
         "0x1.87c754368d262p-11", "-0x1.030b7da861391p-11", "0x1.7cd9b1c370c1ep-13", "-0x1.0e8a78ab4b69bp-13",
         "0x1.37060c283b71cp-12", "-0x1.90fc1dd0ec2b2p-13"),
    _hex("0x1.e6f0cc0000000p-1", "-0x1.b1cb6a0000000p-2", "0x1.eca0ae0000000p-3", "-0x1.2feafa0000000p-3",
         "0x1.8547b40000000p-4", "-0x1.fc88b20000000p-5", "0x1.49a4940000000p-5", "-0x1.a4b3360000000p-6",
         "0x1.462bda0000000p-6", "-0x1.0f60120000000p-6", "0x1.a55c500000000p-8"),
)
#: (log(x) - 1 / (2 x) - psi(x)) x^2 in z = 1 / x^2, for x from 5 on: 2^-64.1 and 2^-38.1.
PSI_LARGE = Table(
    _hex("0x1.5555555555532p-4", "-0x1.11111110d11c7p-7", "0x1.0410405ecd9a7p-8", "-0x1.1110a5bf4f6b8p-8",
         "0x1.f053c98c1a434p-8", "-0x1.573b6e9530f67p-6", "0x1.3ec8a2952bee1p-4", "-0x1.3929b99aced27p-2",
         "0x1.94746bf4da0d2p-1"),
    _hex("0x1.5555540000000p-4", "-0x1.110a280000000p-7", "0x1.0132b80000000p-8", "-0x1.a808d60000000p-9"),
)
#: erfinv(x) / x in w - 3.125, with w = -log(1 - x^2), between -3.125 and 3.126: 2^-55.8 and 2^-26.6.
ERFINV = Table(
    _hex("0x1.a755e7c99ae86p+0", "0x1.ebd80d9b13df8p-3", "-0x1.8b6c33114ed58p-8", "-0x1.8457694834701p-11",
         "0x1.879c2a20cdc73p-13", "-0x1.d1d1f7cac9963p-17", "-0x1.6e8a53e58b915p-20", "0x1.c6b4f8a5be2d2p-22",
         "-0x1.f36ce76bcf541p-26", "-0x1.1a9eb55c9cf50p-28", "0x1.20f4ff8939f60p-30", "-0x1.dc3e267317c44p-35",
         "-0x1.c899da88a29bfp-37", "0x1.7231e3e969146p-39", "-0x1.6d172126dc51bp-44", "-0x1.68416d62d074bp-45",
         "0x1.d9f94ee2473b7p-48", "-0x1.84787dfb05b19p-55", "-0x1.279cdf086d9e9p-53", "0x1.21bd4f8a8a397p-56",
         "0x1.2c9704c420d60p-60", "-0x1.a3981a7f703eep-62", "0x1.2a850d233c48fp-68", "0x1.f872b4707d601p-69",
         "-0x1.9d0d7c5e34679p-74"),
    _hex("0x1.a755e80000000p+0", "0x1.ebd80a0000000p-3", "-0x1.8b6dca0000000p-8", "-0x1.844fce0000000p-11",
         "0x1.87d9520000000p-13", "-0x1.d3098a0000000p-17", "-0x1.7c218c0000000p-20", "0x1.d159c20000000p-22",
         "-0x1.446b320000000p-26", "-0x1.7498a40000000p-28", "0x1.d84bd00000000p-34", "0x1.107e740000000p-35",
         "0x1.56d89a0000000p-36"),
)
#: erfinv(x) / x in sqrt(w) - 3.25, with w = -log(1 - x^2), between -0.751 and 0.751: 2^-54.9 and 2^-25.1.
ERFINV_FAR = Table(
    _hex("0x1.8abcc380d5a48p+1", "0x1.0158a6d641d56p+0", "0x1.5ffcfe5b68e3ap-8", "-0x1.ebadabba122bdp-9",
         "0x1.468eeca9e1fe0p-9", "-0x1.ba9240d473330p-10", "0x1.f3cc546b415ccp-11", "-0x1.7448bdc1a9d30p-12",
         "0x1.932e35b6fe0d6p-16", "0x1.1e6adc3f792c5p-14", "-0x1.8cf28b03d2c4bp-15", "0x1.a23ce5ead7b1fp-17",
         "0x1.89019c5892569p-19", "-0x1.0b5dc3cd258b8p-18", "0x1.9139fe0e43a5bp-20", "-0x1.051f9ddc8e939p-25",
         "-0x1.1f68d6a9f9b98p-22", "0x1.20163ac4d5c4ap-23", "-0x1.8445feffbb080p-31", "-0x1.17f1e1bb5771dp-26"),
    _hex("0x1.8abcc40000000p+1", "0x1.01589c0000000p+0", "0x1.5fc41c0000000p-8", "-0x1.ea2bfc0000000p-9",
         "0x1.4a42660000000p-9", "-0x1.c9cae60000000p-10", "0x1.d0c9400000000p-11", "-0x1.fdfbd40000000p-13",
         "0x1.878cda0000000p-15"),
)
#: erfinv(x) / x in sqrt(w) - 5.05, with w = -log(1 - x^2), between -1.051 and 1.051: 2^-52.9.
ERFINV_END = Table(
    _hex("0x1.39a07f9e2524cp+2", "0x1.02a209f638a22p+0", "-0x1.6437de536e9cap-13", "-0x1.a415b093963fap-13",
         "0x1.2acdb46edcf09p-14", "-0x1.344607275cd0bp-16", "0x1.19720fb60b141p-18", "-0x1.e6fd9a69df53cp-21",
         "0x1.b0dc1879622c2p-23", "-0x1.d7bfb39e3f2d4p-25", "0x1.79323e5513585p-26", "-0x1.81cd471e39de1p-27",
         "0x1.815856f7dfba8p-28", "-0x1.670b322f1774bp-29", "0x1.4f3b03c1b9fcbp-30", "-0x1.b315e1296eeadp-32",
         "-0x1.37617d0acb85dp-39", "0x1.0d67b61e44616p-35"),
)
#: (1 + f)^(-1/3) for 1 + f between sqrt(1/2) and sqrt(2), improved upon later: 2^-17.4 and 2^-11.1.
CBRT = Table(
    _hex("0x1.0000409fa7478p+0", "-0x1.55425d2fe7dadp-2", "0x1.c5d8cd74458edp-3", "-0x1.681395911acc0p-3",
         "0x1.48899bdda5dbbp-3", "-0x1.baa2e34716166p-4"),
    _hex("0x1.ffe2f80000000p-1", "-0x1.5881140000000p-2", "0x1.e3fec40000000p-3", "-0x1.2db3140000000p-3"),
)
