"""Discrete draws made of uniform numbers, where users of Aesara look for them."""

from aesaralite.tensor.random.mrg.from_uniform import ChoiceFromUniform, MultinomialFromUniform

__all__ = ["ChoiceFromUniform", "MultinomialFromUniform"]
