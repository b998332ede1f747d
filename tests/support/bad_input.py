"""Calls of the public API with arguments that make sense or don't, as text.

A case is one expression, such as ``at.join(0, x, 'text')``, over the names of `fresh_scope`. What is called is found in
the package itself, so that what is new is called without anyone's doing. :mod:`support.verdicts` judges cases.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import pkgutil
import random
import re
import types
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import aesaralite
import aesaralite.scalar as aes
import aesaralite.tensor as at

IMPORTS = """
import sys, numpy as np, aesaralite, aesaralite.tensor as at, aesaralite.scalar as aes
from aesaralite import *
from aesaralite import gradient, printing, raise_op, updates
from aesaralite.compile import *
from aesaralite.compile.function import function
from aesaralite.gradient import *
from aesaralite.graph import basic as graph_basic
from aesaralite.graph.basic import Apply, Constant, Variable
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph import features, rewriting
from aesaralite.sandbox.rng_mrg import MRG_RandomStream
from aesaralite.tensor.random.utils import RandomStream
"""
SETUP = """
x0, x, X, T = at.dscalar("x0"), at.dvector("x"), at.dmatrix("X"), at.dtensor3("T")
f, i, n, m = at.fvector("f"), at.lscalar("i"), at.ivector("n"), at.lmatrix("m")
u, p = at.tensor("uint8", (None,), name="u"), at.tensor("bool", (None,), name="p")
z, b, row = at.zvector("z"), at.bscalar("b"), at.drow("row")
e, x3, X23 = [at.tensor("float64", shape, name=name) for shape, name in [((0,), "e"), ((3,), "x3"), ((2, 3), "X23")]]
c, k = at.constant(np.array([1.0, 2.0, 3.0]), name="c"), at.constant(2, name="k")
s, S, r = shared(np.ones(3), "s"), shared(np.eye(3), "S"), shared(np.random.default_rng(0), "r")
y, Y, w = at.exp(x), X.T, x[1:]
number = aes.float64("number")
compiled = function([x, In(x0, value=1.0)], [x * x0, s.sum()], updates=[(s, s + x)])
"""
TENSORS = [
    "x0", "x", "X", "T", "f", "i", "n", "m", "u", "p", "z", "b", "e", "x3", "X23", "row", "c", "k", "s", "S", "y",
    "Y", "w",
]  # fmt: skip
NUMBERS = [
    "0", "1", "-1", "2", "3", "5", "-7", "1.5", "np.nan", "np.inf", "-np.inf", "2**70", "-2**63", "10**6", "1e308",
    "True", "False", "1j", "np.float32(2)", "np.int8(-128)", "np.uint64(2**64-1)", "np.bool_(True)",
]  # fmt: skip
ARRAYS = [
    "np.ones(3)", "np.eye(3)", "np.zeros((2, 3))", "np.zeros((0, 3))", "np.array([])", "np.array(2)",
    "np.array([1, 2])", "np.array([0, -5])", "np.full(3, np.nan)", "np.ones(3, 'float16')", "np.array(['a'])",
    "np.array([None, 1], object)", "np.zeros(2, 'datetime64[s]')", "np.ma.masked_array([1, 2], [0, 1])",
    "np.zeros(2, [('a', 'i4')])", "np.array([True, False])",
    "np.ones((1,) * 40)", "np.arange(6.0).reshape(2, 3).T",
]  # fmt: skip
TEXTS = [
    "'x'", "''", "'float64'", "'int8'", "'complex64'", "'floatX'", "'nonsense'", "b'x'", "'wrap'", "'valid'",
    "'py'", "'FAST_RUN'", "'text'*500",
]  # fmt: skip
CONTAINERS = [
    "[]", "()", "[1, 2]", "(2, 3)", "(3,)", "[x, x]", "[x, 1]", "[X, x]", "{}", "{x: x}", "[[1], [2, 3]]", "[None]",
    "(None, None)", "{1}", "range(3)", "iter([1])", "[x0]", "{'a': x}", "(1, -1)", "(-1,)", "[(s, s + 1)]",
    "[(s, x)]", "{s: 2 * s}", "(10**6, 10**7)", "[2**70]", "(i, 3)", "[1.5]", "['a', 'b']", "[x, X, T]", "(1, 0)",
    "('x', 0)",
]  # fmt: skip
OBJECTS = [
    "np.broadcast_to(1.0, (3, 10**13))", "None", "object()", "...", "slice(None)",
    "slice(x0, None)", "(lambda *a: a)", "int", "float", "np.float64",
    "np.dtype('float32')", "np", "np.random.default_rng(0)", "np.random.default_rng", "np.random.RandomState(1)",
    "at.exp", "at.add", "x.type", "at.TensorType", "NotImplemented", "Exception('e')", "In(x)", "Out(x)",
    "FunctionGraph([x], [y])", "compiled", "Mode('py')", "number", "r", "at.NoneConst", "y.owner", "x.shape",
    "RandomStream(1)", "s.container", "x.type.filter", "aes.add", "aes.float64", "at.constant(np.nan)",
    "at.constant('text')", "at.random.normal",
]  # fmt: skip
EVERYTHING = [*TENSORS, *NUMBERS, *ARRAYS, *TEXTS, *CONTAINERS, *OBJECTS]
SIZES = [*CONTAINERS, *NUMBERS[:6], "n", "x.shape"]
LIKELY = {
    ("axis", "axes", "axis1", "axis2", "k", "offset", "ndim", "n", "index", "i"): [
        *NUMBERS[:7], "None", "(0, 1)", "i", "[]",
    ],
    ("dtype", "output_dtype", "out_dtype", "acc_dtype"): [*TEXTS, "np.float64", "None", "int"],
    ("shape", "size", "newshape", "dims", "shp", "new_order", "pattern", "sizes"): SIZES,
    ("name", "mode", "kind", "side", "method", "order", "assume_a", "action", "msg"): [*TEXTS, "None"],
    ("wrt", "inputs", "consider_constant", "givens", "updates", "outputs", "swap", "replace"): [*CONTAINERS, *TENSORS],
}  # fmt: skip
"""What a parameter of that name mostly is; of another, it's a tensor, a number or an array."""
OPERATORS = [
    "x + ({})", "({}) + X", "T * ({})", "({}) @ X", "x @ ({})", "x ** ({})", "({}) ** n", "i // ({})", "({}) < f",
    "p & ({})", "x[{}]", "X[{}, {}]", "T[{}, ..., {}]", "s[{}]", "c[{}]", "divmod(X, {})", "float({})", "len({})",
    "at.set_subtensor(x[{}], {})", "at.inc_subtensor(X[{}, {}], {})", "compiled({})", "compiled({}, {})",
    "compiled(x={})", "compiled[{}]", "function([x, {}], {})", "function([{}], y, updates={})", "function([x], {})",
    "function([x], y, givens={})", "function([x], y, mode={})", "function({}, {})",
    "function([x], y, no_default_updates={})", "grad({}, {})", "grad(y.sum(), {})", "shared({}).set_value({})",
    "shared({}, {})", "shared({}, shape={})", "s.set_value({})", "compiled.copy(swap={})",
    "RandomStream({}).normal({}, {})", "RandomStream(1).{}({})", "at.random.{}({}, {})",
    "MRG_RandomStream({}).normal(size={})", "x.eval({})", "y.eval({{x: {}}})", "y.eval({{'x': {}}})", "Mode({}, {})",
    "config.change_flags(floatX={})(at.vector)('v')", "config.change_flags({}={})(at.vector)()",
    "aesaralite.config.{}", "at.{}", "clone_replace({}, {})", "Rop({}, {}, {})", "Lop({}, {}, {})", "debugprint({})",
    "pp({})", "x.type.filter({})", "X.type.filter_variable({})", "TensorType({}, {})", "at.tensor({}, {})",
]  # fmt: skip
NAMES = [
    "normal", "uniform", "choice", "permutation", "integers", "categorical", "multinomial", "nonsense", "sum",
    "dot", "floatX", "1",
]  # fmt: skip
INSTANCES = (
    "x", "X", "i", "s", "r", "c", "k", "x.type", "r.type", "FunctionGraph([x], [y])", "compiled", "Mode('py')",
    "RandomStream(1)", "MRG_RandomStream(1)", "In(x)", "s.container", "y.owner", "y.owner.op", "number", "number.type",
    "aes.add",
)  # fmt: skip
LEFT_ALONE = frozenset(
    # these change the process for good: what is registered, what flags say
    ["config", "predefined_modes", "predefined_optimizers", "set_flags", "shared_constructor"]
)
PROTOCOL = frozenset([
    "convert_variable", "may_share_memory", "values_eq", "values_eq_approx", "get_shape_info", "detect_nan",
    "perform", "L_op", "R_op", "grad", "pull", "pullback", "infer_shape", "connection_pattern", "output_types", "impl",
    "compute", "array_function", "setup_var", "Function", "add_client", "remove_client",
])  # fmt: skip
"""What the library calls on Ops, types, features and graphs, and others only define; and ``on_...``, for events."""
LEFT_ALONE_MODULES = tuple("aesaralite." + name for name in ("testing", "examples", "rewrites", "compile.debugging"))
"""Tests, examples, and what has public names but isn't meant for users."""
REFERENCE = frozenset(re.findall(r"automodule:: (\S+)", (Path(__file__).parents[2] / "docs/reference.md").read_text()))
"""Modules that the reference documents."""


class Target(NamedTuple):
    """Something that can be called: the expression that gives it; its parameters, with whether each is required."""

    path: str
    parameters: tuple[tuple[str, bool], ...]


def targets() -> list[Target]:
    """All public functions, Ops and classes, and the methods of some instances."""
    found: dict[str, Target] = {}
    seen: set[int] = set()
    scope = fresh_scope()
    for module in public_modules():
        prefix = _expression(module, scope)
        for name, obj in _public_members(module):
            if callable(obj) and id(obj) not in seen and not _is_left_alone(name):
                seen.add(id(obj))
                found[f"{prefix}.{name}"] = Target(f"{prefix}.{name}", _parameters(obj))
    for expression in INSTANCES:
        instance = eval(expression, scope)
        for name in dir(type(instance)):
            if name.startswith("_") or _is_left_alone(name):
                continue
            if callable(getattr(type(instance), name)):
                path = f"{expression}.{name}"
                found[path] = Target(path, _parameters(getattr(instance, name)))
    return list(found.values())


def public_modules() -> list[types.ModuleType]:
    """The packages, the faces (modules that only import, for users), and the modules of the reference."""
    found = [aesaralite, at, aes]
    for info in pkgutil.walk_packages(aesaralite.__path__, "aesaralite."):
        if not info.name.startswith(LEFT_ALONE_MODULES):
            module = importlib.import_module(info.name)
            if info.ispkg or info.name in REFERENCE or _is_face(module):
                found.append(module)
    return list(dict.fromkeys(found))


def _expression(module: types.ModuleType, scope: dict[str, Any]) -> str:
    name = module.__name__.replace("aesaralite.tensor", "at", 1).replace("aesaralite.scalar", "aes", 1)
    is_hidden = eval(name, scope) is not module  # behind a function of the same name, such as at.shape
    return f"sys.modules[{module.__name__!r}]" if is_hidden else name


def _is_face(module: types.ModuleType) -> bool:
    imports = (ast.Import, ast.ImportFrom, ast.Expr)
    return all(
        isinstance(statement, imports)
        or (isinstance(statement, ast.Assign) and all(ast.unparse(name) == "__all__" for name in statement.targets))
        for statement in ast.parse(inspect.getsource(module)).body
    )


def _public_members(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """What a module offers: what it lists or, if it lists nothing, what it holds; where it isn't a face, of its own."""
    listed = getattr(module, "__all__", None)
    is_face = hasattr(module, "__path__") or _is_face(module)
    for name in vars(module) if listed is None else listed:
        obj = getattr(module, name)
        home = getattr(obj, "__module__", None) or type(obj).__module__
        is_own = home.startswith("aesaralite") if is_face else home == module.__name__
        if listed is not None or (is_own and not name.startswith("_")):
            yield name, obj


def _is_left_alone(name: str) -> bool:
    return name in LEFT_ALONE or name in PROTOCOL or name.startswith(("register_", "on_"))


def _parameters(obj: Any) -> tuple[tuple[str, bool], ...]:
    try:
        parameters = inspect.signature(obj).parameters.values()
    except (TypeError, ValueError):
        return (("*args", False),)
    return tuple(
        (("*" if p.kind is p.VAR_POSITIONAL else "") + p.name, p.default is p.empty)
        for p in parameters
        if p.kind is not p.VAR_KEYWORD and not p.name.startswith("_")
    )


_imported: dict[str, Any] = {}


def fresh_scope() -> dict[str, Any]:
    """The names that cases use, with new variables."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not _imported:
            exec(IMPORTS, _imported)
        scope = dict(_imported)
        exec(SETUP, scope)
    return scope


def case(rng: random.Random) -> str:
    """One case."""
    choice = rng.random()
    if choice < 0.25:
        return _operator(rng)
    every, plain = _targets()
    return _call(rng, rng.choice(every if choice < 0.7 else plain))


@functools.cache
def _targets() -> tuple[list[Target], list[Target]]:
    every = targets()
    return every, [t for t in every if t.path.startswith("at.") and t.parameters[:1] != (("*args", False),)]


def _operator(rng: random.Random) -> str:
    template = rng.choice(OPERATORS)
    holes = template.replace("{{", "").replace("}}", "").count("{}")
    values = [_value(rng, "") for _ in range(holes)]
    for mark in (".{}", "({}="):
        if mark in template:
            values[template[: template.index(mark)].count("{}")] = rng.choice(NAMES)
    return template.format(*values)


def _call(rng: random.Random, target: Target) -> str:
    arguments = []
    by_name = False
    for name, required in target.parameters:
        if name.startswith("*"):
            arguments += [_value(rng, "") for _ in range(rng.choice([0, 1, 1, 2, 3]))]
        elif required or rng.random() < 0.4:
            if required and rng.random() < 0.02:
                continue
            value = _value(rng, name)
            arguments.append(f"{name}={value}" if by_name else value)
        else:
            by_name = True
    if rng.random() < 0.02:
        arguments.append(f"nonsense={_value(rng, '')}")
    return f"{target.path}({', '.join(arguments)})"


def _value(rng: random.Random, parameter: str) -> str:
    if rng.random() < 0.3:
        return rng.choice(EVERYTHING)
    for names, values in LIKELY.items():
        if parameter in names:
            return rng.choice(values)
    return rng.choice(rng.choice([TENSORS, TENSORS, TENSORS, NUMBERS, ARRAYS]))
