"""Faults in gradients and in forward mode."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_fault = partial(Fault, "gradients")
_AUTODIFF = ("tests/autodiff", "tests/properties/test_laws.py")
_POINTWISE = ("tests/tensor/test_pointwise_gradients.py", "tests/conformance", "tests/properties/test_laws.py")

FAULTS = (
    _fault(
        "a variable that stands twice in f counts once",
        "aesaralite/autodiff/reverse.py",
        "known[function] = vector + known[function] if function in known else vector",
        "known[function] = vector",
        _AUTODIFF,
    ),
    _fault(
        "inputs with the same derivative push forward one tangent",
        "aesaralite/autodiff/forward.py",
        "pullbacks[term] = tangent + pullbacks[term] if term in pullbacks else tangent",
        "pullbacks[term] = tangent",
        _AUTODIFF,
    ),
    _fault(
        "the gradient of a power by its exponent is NaN at zero",
        "aesaralite/scalar/arithmetic.py",
        "by_exponent = switch(eq(x, 0), 0, g * log(x) * x**y)",
        "by_exponent = g * log(x) * x**y",
        _POINTWISE,
    ),
    _fault(
        "the gradient of a remainder doesn't round the quotient",
        "aesaralite/scalar/arithmetic.py",
        "return g, -(x // y) * g",
        "return g, -(x / y) * g",
        _POINTWISE,
    ),
    _fault(
        "of equal numbers, the second gets the gradient of the maximum",
        "aesaralite/scalar/arithmetic.py",
        "        first = ge(x, y)\n",
        "        first = ge(x, y) & neq(x, y)\n",
        _POINTWISE,
    ),
    _fault(
        "the gradient of logaddexp is NaN at equal infinities",
        "aesaralite/scalar/exponential.py",
        "[g * switch(same, 0.5, sigmoid(difference)) for",
        "[g * sigmoid(difference) for",
        _POINTWISE,
    ),
    _fault(
        "the gradient of a product isn't right where one factor is zero",
        "aesaralite/tensor/reduction.py",
        "is_only_zero = is_zero & eq(is_zero.sum(axis=axes, keepdims=True), 1)",
        "is_only_zero = is_zero & eq(is_zero.sum(keepdims=True), 1)",
        ("tests/tensor/test_reduction.py", "tests/conformance", "tests/properties/test_laws.py"),
    ),
    _fault(
        "the gradient by a unit triangular matrix has a diagonal",
        "aesaralite/tensor/linear_systems.py",
        "k = -1 if self.unit_diagonal else 0",
        "k = 0",
        ("tests/tensor/test_linalg.py", "tests/conformance"),
    ),
    _fault(
        "the gradient of a solution with a transposed matrix is transposed",
        "aesaralite/tensor/linear_systems.py",
        "    if transposed:\n        left, right =",
        "    if False:\n        left, right =",
        ("tests/tensor/test_linalg.py", "tests/conformance"),
    ),
    _fault(
        "what is overwritten still gets its gradient",
        "aesaralite/tensor/indexing_basic.py",
        "gx = IncSubtensor(self.idx_list, set_instead_of_inc=True)(g, 0, *index) if self.set_instead_of_inc else g",
        "gx = g",
        ("tests/tensor/test_indexing_basic.py", "tests/conformance", "tests/properties/test_laws.py"),
    ),
    _fault(
        "each value written to one element gets the gradient",
        "aesaralite/tensor/indexing_advanced.py",
        "        if self.set_instead_of_inc or self.ignore_duplicates:\n            gy =",
        "        if self.set_instead_of_inc:\n            gy =",
        ("tests/tensor/test_indexing_advanced.py", "tests/conformance", "tests/properties/test_laws.py"),
    ),
    _fault(
        "the gradient of running products ends at the first zero",
        "aesaralite/tensor/cumulative.py",
        "is_first_zero = is_zero & eq(zeros_so_far, 1)",
        "is_first_zero = is_zero & eq(zeros_so_far, 0)",
        ("tests/tensor/test_extras.py", "tests/conformance", "tests/properties/test_laws.py"),
    ),
    _fault(
        "the gradient of eigenvectors has the gaps the other way round",
        "aesaralite/tensor/decompositions.py",
        'w.dimshuffle("x", 0) - w.dimshuffle(0, "x")',
        'w.dimshuffle(0, "x") - w.dimshuffle("x", 0)',
        ("tests/tensor/test_linalg.py", "tests/conformance"),
    ),
    _fault(
        "the gradient of a batched product of a vector and a matrix is transposed",
        "aesaralite/tensor/products.py",
        'left.dimshuffle(0, 1, "x") * gz.dimshuffle(0, "x", 1)',
        'left.dimshuffle(0, "x", 1) * gz.dimshuffle(0, 1, "x")',
        ("tests/tensor/test_products.py", "tests/conformance", "tests/properties/test_laws.py"),
    ),
    _fault(
        "the second derivative of softmax lacks a term",
        "aesaralite/tensor/special.py",
        "gsm = g * dy - g * self._sum(dy * sm) - dy * self._sum(g * sm)",
        "gsm = g * dy - g * self._sum(dy * sm)",
        ("tests/tensor/test_special.py", "tests/conformance", "tests/properties/test_laws.py"),
    ),
    _fault(
        "a complex factor isn't conjugated in the gradient of a product",
        "aesaralite/tensor/products.py",
        'return conj(x) if x.type.dtype.startswith("complex") else x',
        'return conj(x) if x.type.dtype == "complex128" and x.type.ndim > 1 else x',
        ("tests/tensor/test_products.py", "tests/conformance", "tests/properties/test_laws.py"),
    ),
)
