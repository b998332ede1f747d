"""Rewrites of arithmetic, where users of Aesara look for them."""

from aesaralite.rewrites.arithmetic import AlgebraicCanonizer, local_add_canonizer, local_mul_canonizer
from aesaralite.rewrites.distribute import local_greedy_distributor
from aesaralite.rewrites.phases import (
    register_canonicalize,
    register_specialize,
    register_stabilize,
    register_uncanonicalize,
    register_useless,
)
from aesaralite.rewrites.powers import (
    local_div_to_reciprocal,
    local_intdiv_by_one,
    local_mul_specialize,
    local_pow_canonicalize,
    local_pow_specialize,
)
from aesaralite.rewrites.reductions import local_op_of_op, local_opt_alloc, local_reduce_join, local_useless_reduce
from aesaralite.rewrites.softmax import local_log_sum_exp
from aesaralite.rewrites.stabilize import local_log_erfc

__all__ = [
    "AlgebraicCanonizer",
    "local_add_canonizer",
    "local_div_to_reciprocal",
    "local_greedy_distributor",
    "local_intdiv_by_one",
    "local_log_erfc",
    "local_log_sum_exp",
    "local_mul_canonizer",
    "local_mul_specialize",
    "local_op_of_op",
    "local_opt_alloc",
    "local_pow_canonicalize",
    "local_pow_specialize",
    "local_reduce_join",
    "local_useless_reduce",
    "register_canonicalize",
    "register_specialize",
    "register_stabilize",
    "register_uncanonicalize",
    "register_useless",
]
