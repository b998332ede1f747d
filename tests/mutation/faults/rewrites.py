"""Faults in the rewrites."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_fault = partial(Fault, "rewrites", tests=("tests/rewrites", "tests/properties/test_laws.py"))
_FOLDER = "aesaralite/rewrites"

FAULTS = (
    _fault(
        "a factor cancels as often as it stands below",
        f"{_FOLDER}/arithmetic.py",
        "            over[variable] -= 1\n",
        "",
    ),
    _fault(
        "numbers that overflow together are combined",
        f"{_FOLDER}/arithmetic.py",
        'if dtype[0] in "fc" and len(parts.numbers) > 1:',
        'if dtype[0] in "fc" and len(parts.numbers) > 2:',
    ),
    _fault(
        "the shape of a number that went is forgotten",
        f"{_FOLDER}/arithmetic.py",
        "kept, [*removed, *parts.stand_ins])",
        "kept, removed)",
    ),
    _fault(
        "a root of -inf is taken for its power 0.5",
        f"{_FOLDER}/powers.py",
        "        if base.owner is None or base.owner.op not in (sqr, abs_):\n            return False\n",
        "",
    ),
    _fault(
        "division by any number is multiplication",
        f"{_FOLDER}/powers.py",
        "if abs(fraction) != 0.5 or abs(exponent) > 100:",
        "if abs(exponent) > 100:",
    ),
    _fault(
        "2 - erfc(x) becomes the wrong tail",
        f"{_FOLDER}/stabilize.py",
        "-erfc(x) + 2 >> erfc(-x)",
        "-erfc(x) + 2 >> erfc(x)",
    ),
    _fault(
        "log-sum-exp subtracts an infinite maximum",
        f"{_FOLDER}/softmax.py",
        "shift = switch(isinf(largest), 0, largest)",
        "shift = largest",
    ),
    _fault(
        "any way to broadcast a sum makes a softmax",
        f"{_FOLDER}/softmax.py",
        'return axes if order == tuple("x" if i in axes else next(kept) for i in range(whole.type.ndim)) else None',
        "return axes",
    ),
    _fault(
        "a maximum along another axis is taken out of a softmax",
        f"{_FOLDER}/softmax.py",
        "return [node.op(x)] if one_for_all else False",
        "return [node.op(x)]",
    ),
    _fault(
        "the sum of a stretched gradient of softmax is 0",
        f"{_FOLDER}/softmax.py",
        "return same and same_sizes(fgraph, node.inputs[0], softmax)",
        "return same",
    ),
    _fault(
        "what a division is taken out of loses its shape",
        f"{_FOLDER}/softmax.py",
        "undivided = in_shape(fgraph, undivided, dy, [undivided], [dy])",
        "pass",
    ),
    _fault(
        "an index beyond the end of a slice is merged with it",
        f"{_FOLDER}/subtensor.py",
        "return position if first.stop is None else None",
        "return position",
    ),
    _fault(
        "what is broadcast is indexed like the result",
        f"{_FOLDER}/subtensor.py",
        "if not arrays or not all(same_sizes(fgraph, v, x, axes) for v in arrays):",
        "if not arrays:",
    ),
    _fault(
        "an increment is read back as if it had been set",
        f"{_FOLDER}/subtensor.py",
        "not isinstance(inner.op, IncSubtensor) or not inner.op.set_instead_of_inc:",
        "not isinstance(inner.op, IncSubtensor):",
    ),
    _fault(
        "a reshape to a symbolic size is taken for useless",
        f"{_FOLDER}/dimensions.py",
        "elif entry is not sizes[i] and (value is None or x.type.shape[i] != value):",
        "elif entry is not sizes[i] and value is not None and x.type.shape[i] != value:",
    ),
    _fault(
        "a sum of repeated numbers leaves out an axis",
        f"{_FOLDER}/reductions.py",
        "for axis in axes[1:]:",
        "for axis in axes[2:]:",
    ),
    _fault(
        "sums to size of different shapes are added inside",
        f"{_FOLDER}/broadcast_sums.py",
        "    if not all(same_sizes(fgraph, sources[0], other) for other in sources[1:]):\n        return False\n",
        "",
    ),
    _fault(
        "no size is taken to be 0",
        f"{_FOLDER}/choice.py",
        "if bound == 0 and op == lt:",
        "if bound == 0 and op in (lt, le):",
    ),
    _fault(
        "the opposite of a comparison forgets NaN",
        f"{_FOLDER}/choice.py",
        'if opposite not in (eq, neq) and any(v.type.dtype[0] not in "biu" for v in inner.inputs):',
        'if opposite not in (eq, neq) and any(v.type.dtype[0] not in "biuf" for v in inner.inputs):',
    ),
    _fault(
        "a cast that loses digits is skipped",
        f"{_FOLDER}/elementwise.py",
        'np.can_cast(first, x.type.dtype, "safe")',
        'np.can_cast(first, x.type.dtype, "same_kind")',
    ),
    _fault(
        "an index that names a draw twice draws twice",
        f"{_FOLDER}/random.py",
        "    if not surely_unique(node.inputs[1:] if not isinstance(node.op, Subtensor) else ()):\n"
        "        return False\n",
        "",
    ),
    _fault(
        "a draw is lifted though another uses its generator",
        f"{_FOLDER}/random.py",
        "if isinstance(rng, Constant) or any(client is not drawing for client, _ in fgraph.clients[rng]):",
        "if isinstance(rng, Constant):",
    ),
    _fault(
        "one common source makes two sizes the same",
        f"{_FOLDER}/knowledge.py",
        "if not sources <= there:",
        "if sources and not sources & there:",
    ),
    _fault(
        "shapes of replaced variables are remembered",
        f"{_FOLDER}/shape_feature.py",
        "        if r in self._used:\n            self._forget()\n",
        "        self._known.pop(r, None)\n",
    ),
    _fault(
        "joins along different axes are flattened",
        f"{_FOLDER}/joining.py",
        "            and int(position) % out.type.ndim == int(axis) % out.type.ndim\n",
        "",
    ),
)
