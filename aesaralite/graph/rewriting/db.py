"""Databases of rewriters, where users of Aesara look for them."""

from aesaralite.rewriting.db import EquilibriumDB, LocalGroupDB, ProxyDB, RewriteDatabase, SequenceDB, TopoDB
from aesaralite.rewriting.query import RewriteDatabaseQuery

__all__ = [
    "EquilibriumDB",
    "LocalGroupDB",
    "ProxyDB",
    "RewriteDatabase",
    "RewriteDatabaseQuery",
    "SequenceDB",
    "TopoDB",
]
