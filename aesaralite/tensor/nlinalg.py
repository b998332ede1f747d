"""Linear algebra of NumPy, where users of Aesara look for it."""

from aesaralite.tensor.decompositions import SVD, Eig, Eigh, QRFull, eig, eigh, qr, svd
from aesaralite.tensor.diagonals import diag, extract_diag, trace
from aesaralite.tensor.linear_systems import (
    Det,
    Lstsq,
    MatrixInverse,
    MatrixPinv,
    SLogDet,
    det,
    inv,
    lstsq,
    matrix_inverse,
    pinv,
    slogdet,
    tensorinv,
    tensorsolve,
)
from aesaralite.tensor.matrix_functions import matrix_dot, matrix_power, norm

__all__ = [
    "SVD",
    "Det",
    "Eig",
    "Eigh",
    "Lstsq",
    "MatrixInverse",
    "MatrixPinv",
    "QRFull",
    "SLogDet",
    "det",
    "diag",
    "eig",
    "eigh",
    "extract_diag",
    "inv",
    "lstsq",
    "matrix_dot",
    "matrix_inverse",
    "matrix_power",
    "norm",
    "pinv",
    "qr",
    "slogdet",
    "svd",
    "tensorinv",
    "tensorsolve",
    "trace",
]
