"""Sorting, where users of Aesara look for it."""

from aesaralite.tensor.sorting import ArgSortOp, SortOp, argsort, argtopk, sort, topk, topk_and_argtopk

__all__ = ["ArgSortOp", "SortOp", "argsort", "argtopk", "sort", "topk", "topk_and_argtopk"]
