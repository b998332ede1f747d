"""What happens when a rewriter raises an exception: the flag ``on_opt_error``."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aesaralite.configdefaults import config
from aesaralite.errors import InconsistencyError
from aesaralite.graph.variable import Apply, Variable

if TYPE_CHECKING:
    from aesaralite.rewriting.base import GraphRewriter, NodeRewriter

FailureCallback = Callable[..., Any]

_logger = logging.getLogger("aesaralite.graph.rewriting.basic")


def where_made(node: Apply | None) -> str:
    """Return " made at file:line, in function" if that's known, else an empty string."""
    origin = getattr(node, "origin", None)
    return f", made at {origin}" if origin is not None else ""


def handle_failure(exc: Exception, what: str) -> None:
    """Do what ``config.on_opt_error`` says about an exception that `what` raised.

    Raises
    ------
    Exception
        `exc`, with a note that says what failed, if the flag is ``"raise"``.
    """
    if config.on_opt_error == "raise":
        exc.add_note(f"While rewriting: {what}.")
        raise exc
    if config.on_opt_error == "ignore":
        return
    text = "".join(traceback.format_exception(exc))
    if config.on_opt_error == "pdb":
        import pdb  # noqa: T100  # costs 10 ms, and hardly anybody asks for it

        print(f"{what} failed:\n{text}", file=sys.stderr)
        pdb.post_mortem(exc.__traceback__)
        return
    _logger.error("Rewrite failure due to: %s\n%s\nThe graph is left as it was there.", what, text)


def warn(
    exc: Exception,
    nav: GraphRewriter | None,
    repl_pairs: list[tuple[Variable, Variable | None]],
    node_rewriter: NodeRewriter | None,
    node: Apply,
) -> None:
    """Handle a node rewriter's failure as the flag ``on_opt_error`` says."""
    handle_failure(exc, f"{node_rewriter} on the node {node}{where_made(node)}")


def warn_inplace(
    exc: Exception,
    nav: GraphRewriter | None,
    repl_pairs: list[tuple[Variable, Variable | None]],
    node_rewriter: NodeRewriter | None,
    node: Apply,
) -> None:
    """Like :func:`warn`, but a replacement that a validating feature refused isn't an error."""
    if not isinstance(exc, InconsistencyError):
        warn(exc, nav, repl_pairs, node_rewriter, node)


def warn_ignore(
    exc: Exception,
    nav: GraphRewriter | None,
    repl_pairs: list[tuple[Variable, Variable | None]],
    node_rewriter: NodeRewriter | None,
    node: Apply,
) -> None:
    """Do nothing."""
