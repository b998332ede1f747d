"""Rewrites of random variables, one module deeper, where users of Aesara look for them."""

from aesaralite.rewrites.random import (
    is_rv_used_in_graph,
    local_dimshuffle_rv_lift,
    local_rv_size_lift,
    local_subtensor_rv_lift,
)

__all__ = ["is_rv_used_in_graph", "local_dimshuffle_rv_lift", "local_rv_size_lift", "local_subtensor_rv_lift"]
