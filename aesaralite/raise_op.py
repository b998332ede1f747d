"""Assertions in graphs, where users of Aesara look for them."""

from aesaralite.tensor.assertion import Assert, CheckAndRaise, assert_op

__all__ = ["Assert", "CheckAndRaise", "assert_op"]
