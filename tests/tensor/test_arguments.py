"""What functions on tensors say of arguments that aren't what they take: the error names the argument."""

import numpy as np
import pytest

import aesaralite.tensor as at
from aesaralite import shared
from aesaralite.sandbox.rng_mrg import MRG_RandomStream, MRGUniform
from aesaralite.tensor.decompositions import SVD, Eigh
from aesaralite.tensor.dimshuffle import DimShuffle
from aesaralite.tensor.index_layout import indexed_result_shape
from aesaralite.tensor.index_spec import fill_template, get_slice_elements
from aesaralite.tensor.indexing import along
from aesaralite.tensor.indexing_basic import Subtensor
from aesaralite.tensor.linear_systems import SolveTriangular, cho_solve, pinv, tensorinv, tensorsolve
from aesaralite.tensor.math import makeKeepDims, tensordot
from aesaralite.tensor.matrix_functions import matrix_power
from aesaralite.tensor.random.utils import broadcast_params, explicit_expand_dims
from aesaralite.tensor.shaping import Shape_i, patternbroadcast
from aesaralite.tensor.slice_geometry import get_canonical_form_slice, range_len
from aesaralite.tensor.type_other import as_symbolic_slice

x, X, T = at.dvector("x"), at.dmatrix("X"), at.dtensor3("T")
SEVERAL = np.array([1, 2])
int64 = at.lscalar().type


@pytest.mark.parametrize(
    ("call", "message"),
    [
        # flags: an array has no truth value
        (lambda: X.max(keepdims=SEVERAL), "keepdims must be True or False, got array"),
        (lambda: X.prod(no_zeros_in_input=SEVERAL), "no_zeros_in_input"),
        (lambda: X.var(corrected=SEVERAL), "corrected must be True or False"),
        (lambda: at.ones_like(x, opt=np.array([])), "opt must be True or False"),
        (lambda: at.linspace(0, 1, 5, endpoint=SEVERAL), "endpoint must be True or False"),
        (lambda: at.isclose(x, x, equal_nan=SEVERAL), "equal_nan must be True or False"),
        (lambda: at.nonzero(X, SEVERAL), "return_matrix must be True or False"),
        (lambda: at.inc_subtensor(x[:2], 1, set_instead_of_inc=SEVERAL), "set_instead_of_inc must be True or False"),
        (lambda: at.broadcast_shape(x, x, arrays_are_shapes=SEVERAL), "arrays_are_shapes must be True or False"),
        (lambda: at.extract_constant(x, only_process_constants=SEVERAL), "only_process_constants must be"),
        (lambda: SVD(full_matrices=SEVERAL), "full_matrices must be True or False"),
        (lambda: SVD(compute_uv=x), "compute_uv must be True or False"),
        (lambda: pinv(X, slice(None)), "hermitian must be True or False"),
        (lambda: at.TensorType("int8", broadcastable=np.eye(2)), "each of broadcastable must be True or False"),
        (lambda: cho_solve((X, "lower"), x), "whether the factor is the lower one must be True or False"),
        (lambda: patternbroadcast(X, np.zeros((2, 3))), "each of broadcastable must be True or False"),
        (lambda: at.unique(x, return_inverse=SEVERAL), "return_inverse must be True or False"),
        (lambda: at.cov(X, rowvar=SEVERAL), "rowvar must be True or False"),
        (lambda: x.mean(acc_dtype=SEVERAL), "dtype"),
        (lambda: MRG_RandomStream(1).normal((2,), truncate=SEVERAL), "truncate must be True or False"),
        (lambda: shared(np.ones(2), target=SEVERAL), "no target"),
        (lambda: shared(np.ones(2), broadcastable=[SEVERAL]), "each of broadcastable"),
        (lambda: at.nlinalg.norm(x, ord=object()), "ord must be a number or a name"),
        # integers
        (lambda: at.as_tensor(x, "x", np.inf), "ndim must be an integer"),
        (lambda: X.cumprod(()), r"axis must be an integer, got \(\)"),
        (lambda: X.sum("rows"), "axis"),
        (lambda: at.softmax(X, axis="rows"), "axis"),
        (lambda: Shape_i(None), "the dimension must be an integer"),
        (lambda: at.basic.Split("float64"), "the number of parts must be an integer"),
        (lambda: at.diagonal(X, "above"), "offset must be an integer"),
        (lambda: at.diag(x, x), "k must be an integer"),
        (lambda: at.flatten(X, 1.5), "ndim must be an integer"),
        (lambda: at.reshape(x, (2, 3), ndim="two"), "must be an integer"),
        (lambda: matrix_power(X, 0.5), "the power must be an integer"),
        (lambda: tensorinv(X, "one"), "ind must be an integer"),
        (lambda: tensordot(X, X, {}), "axes must be an integer"),
        (lambda: get_canonical_form_slice(slice(0, 1), "a"), "integer"),
        (lambda: get_canonical_form_slice([1, 2], 3), "integer, got"),
        (lambda: range_len(3), "slc must be a slice"),
        (lambda: as_symbolic_slice(X), "x must be a slice"),
        (lambda: X.squeeze(np.broadcast_to(1.0, (10**6, 10**7))), "axes of X must be one integer or a list"),
        (lambda: at.linspace(0, 1, [[1], [2, 3]]), "number of steps must be made of scalar integers"),
        (lambda: MRGUniform(1.5), "output_type must be a TensorType"),
        (lambda: MRG_RandomStream("floatX"), "seed should be 1 integer or 6 integers"),
        (lambda: explicit_expand_dims([x], b"x"), "ndim_params must be a list"),
        # lists
        (lambda: at.tensor("float64", 3), "a static shape must be a list, got 3 of type int"),
        (lambda: tensordot(X, X, x), "axes"),
        (lambda: tensorsolve(T, x, axes="0"), "axis|axes"),
        (lambda: patternbroadcast(x, True), "broadcastable must be a list"),
        (lambda: DimShuffle(2, (0,)), "input_broadcastable must be a list"),
        (lambda: DimShuffle((False,), 0), "new_order must be a list"),
        (lambda: Subtensor(3), "the template of an index must be a list"),
        (lambda: fill_template(1, [x]), "the template of an index must be a list"),
        (lambda: get_slice_elements(3), "idxs must be a list"),
        (lambda: get_slice_elements([slice(None)], 3), "cond must be a function"),
        (lambda: indexed_result_shape(np.array(2), [0]), "array_shape must be a list"),
        (lambda: broadcast_params([x, 1.0], np.array(2)), "ndims_params must be a list"),
        (lambda: at.random.normal(size=[[1], [2, 3]]), "Parameter size must be"),
        (lambda: at.set_subtensor(at.lvector()[0], np.nan), "nan can't be written into an array of dtype int64"),
    ],
)  # fmt: skip
def test_a_type_error_names_the_argument(call, message):
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        # names: an array isn't compared with them
        (lambda: x.take([0], mode=SEVERAL), "mode must be"),
        (lambda: at.searchsorted(x, x, side=SEVERAL), "side"),
        (lambda: x.round(SEVERAL), "Round mode"),
        (lambda: at.sort(x, kind=SEVERAL), "kind must be one of"),
        (lambda: Eigh(np.eye(2)), "UPLO must be"),
        (lambda: SolveTriangular(trans=SEVERAL), "trans must be one of"),
        (lambda: x.transfer(SEVERAL), "only 'cpu'"),
        (lambda: at.extra_ops.CumOp(0, SEVERAL), "Unknown mode"),
        # sizes
        (lambda: X[[[1], [2, 3]]], "A list in an index must be that of an array"),
        (lambda: fill_template([int64.to_scalar_type()], []), "takes more than 0 values"),
        (lambda: at.permute_row_elements(2, at.lscalar()), "x and y must have rows"),
        (lambda: explicit_expand_dims([x, x], [0]), "ndim_params must have a number for each of 2"),
        (lambda: broadcast_params(np.ones((3, 2)), [1]), "ndims_params must have a number for each of 3"),
        (lambda: at.random.noncentral_chisquare(1.0, np.ones((1,) * 40)), "at most 32 dimensions"),
    ],
)
def test_a_value_error_names_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: X.var(ddof="one"), "Cannot convert 'one' of type str"),
        (lambda: at.roll(x, "right"), "Cannot convert 'right' of type str"),
        (lambda: at.isclose(x, x, rtol=x.type), "Cannot convert TensorType"),
        (lambda: makeKeepDims(X, x.type, 0), "Cannot convert TensorType"),
        (lambda: along("x", 0), "Cannot convert 'x' of type str"),
    ],
)
def test_what_is_no_tensor_is_named(call, message):
    with pytest.raises(NotImplementedError, match=message):
        call()


def test_numbers_beyond_all_dtypes():
    with pytest.raises(OverflowError, match=r"is out of the range of int8"):
        at.constant(2**70, dtype="int8")
    with pytest.raises((OverflowError, MemoryError)):
        at.vectors(2**70)


def test_constants_of_many_dimensions(linker):
    fill = at.second(at.dscalar("s"), np.ones((1,) * 40))
    assert fill.eval({"s": 1.0}).shape == (1,) * 40
