"""How a notebook shows variables and compiled functions: a tree that folds, without any script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.variable import Constant, Variable, register_html_renderer

_MAX_LINES = 500
_MAX_LEVELS = 60
_OPEN_LEVELS = 4

_STYLE = (
    "<style>.al-graph{font-family:monospace;font-size:90%;line-height:1.5}"
    ".al-graph details,.al-graph .al-leaf{margin-left:1.2em}"
    ".al-graph summary{cursor:pointer;margin-left:-1.2em}"
    ".al-graph .al-type{color:#888}.al-graph .al-name{color:#0a6}.al-graph .al-const{color:#a50}"
    ".al-graph .al-again{color:#888;font-style:italic}</style>"
)


def render_html(obj: Any) -> str:
    """Return HTML that shows a variable, a `FunctionGraph` or a compiled function as a tree.

    Parameters
    ----------
    obj : Variable, FunctionGraph or compiled function
        What to show.

    Returns
    -------
    str
        A self-contained fragment. A node that occurs several times is spelled out once; of a large
        graph only the part nearest to the outputs is shown.

    Raises
    ------
    TypeError
        If `obj` is something else.
    """
    if isinstance(obj, Variable):
        return f'<div class="al-graph">{_STYLE}{_trees([obj])}</div>'
    fgraph = obj if isinstance(obj, FunctionGraph) else getattr(getattr(obj, "maker", None), "fgraph", None)
    if not isinstance(fgraph, FunctionGraph):
        raise TypeError(f"Cannot show an object of type {type(obj)} as a graph")
    name = getattr(obj, "name", None)
    title = f"<b>{escape(str(name))}</b> " if name else ""
    inputs = ", ".join(_leaf_text(variable) for variable in fgraph.inputs)
    return f'<div class="al-graph">{_STYLE}<div>{title}inputs: {inputs}</div>{_trees(fgraph.outputs)}</div>'


def _trees(outputs: Sequence[Variable]) -> str:
    pieces: list[str] = []
    numbers: dict[Any, int] = {}
    lines = 0
    # a string is a closing tag that waits for the lines above it
    stack: list[tuple[Variable, int] | str] = [(variable, 0) for variable in reversed(outputs)]
    while stack:
        entry = stack.pop()
        if isinstance(entry, str):
            pieces.append(entry)
            continue
        variable, level = entry
        lines += 1
        if lines > _MAX_LINES:
            pieces.append('<div class="al-leaf al-again">…</div>')
            # what is left are the lines that fill up open nodes, and their closing tags
            stack = [closing for closing in stack if isinstance(closing, str)]
            continue
        node = variable.owner
        if node is None:
            pieces.append(f'<div class="al-leaf">{_leaf_text(variable)}</div>')
        elif node in numbers:
            pieces.append(
                f'<div class="al-leaf">{_node_text(variable)} <span class="al-again">#{numbers[node]}</span></div>'
            )
        elif level == _MAX_LEVELS:
            pieces.append(f'<div class="al-leaf">{_node_text(variable)} <span class="al-again">…</span></div>')
        else:
            numbers[node] = len(numbers)
            is_open = " open" if level < _OPEN_LEVELS else ""
            number = f'<span class="al-again">#{numbers[node]}</span>'
            pieces.append(f"<details{is_open}><summary>{_node_text(variable)} {number}</summary>")
            stack.append("</details>")
            stack.extend((source, level + 1) for source in reversed(node.inputs))
    return "".join(pieces)


def _leaf_text(variable: Variable) -> str:
    kind = "al-const" if isinstance(variable, Constant) else "al-name"
    name = str(variable) if isinstance(variable, Constant) or variable.name is not None else "(unnamed)"
    return f'<span class="{kind}">{escape(name)}</span> {_type_text(variable)}'


def _node_text(variable: Variable) -> str:
    node = variable.owner
    assert node is not None
    output = f".{variable.index}" if node.nout > 1 else ""
    name = f' <span class="al-name">{escape(variable.name)}</span>' if variable.name else ""
    origin = f' title="{escape(str(variable.origin), quote=True)}"' if variable.origin is not None else ""
    return f"<span{origin}>{escape(f'{node.op}{output}')}</span>{name} {_type_text(variable)}"


def _type_text(variable: Variable) -> str:
    return f'<span class="al-type">{escape(str(variable.type))}</span>'


register_html_renderer(render_html)
