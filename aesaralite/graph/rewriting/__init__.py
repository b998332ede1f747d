"""Rewriting, where users of Aesara look for it."""
