"""Shared tensors, where users of Aesara look for them."""

from aesaralite.tensor.shared import ScalarSharedVariable, TensorSharedVariable, scalar_constructor, tensor_constructor

__all__ = ["ScalarSharedVariable", "TensorSharedVariable", "scalar_constructor", "tensor_constructor"]
