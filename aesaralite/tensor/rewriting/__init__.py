"""Rewrites of tensors, where users of Aesara look for them."""
