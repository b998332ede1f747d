"""Compiled code on disk."""

import os
import pathlib
import subprocess
import sys
import types
import warnings

import numpy as np
import pytest
from aesaralite_numba import build as build_module
from aesaralite_numba import library, loading, numpy_code
from aesaralite_numba.lower import random_scipy
from aesaralite_numba.lower.graph import NoLowering
from aesaralite_numba.numpy_code import LOOP_PREFIX
from support.numba_programs import link

import aesaralite.tensor as at
from aesaralite.compile.ops import as_op
from aesaralite.configdefaults import config
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite.tensor.random.type import random_generator_type

_serial = iter(range(10**6))


def graph():
    """A graph that no other test has compiled."""
    x = at.dvector("x")
    return [x], [x * (np.pi + next(_serial))]


@pytest.fixture
def folder(tmp_path):
    with config.change_flags(base_compiledir=str(tmp_path)):
        yield tmp_path


@pytest.fixture
def builds(monkeypatch):
    """Names of the programs that were compiled, not loaded."""
    found = []
    build = build_module.build

    def counted(graph, plan, variant, name):
        found.append(name)
        return build(graph, plan, variant, name)

    monkeypatch.setattr(build_module, "build", counted)
    return found


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_graph_is_compiled_once(folder, builds):
    inputs, outputs = graph()
    first = link(inputs, outputs).bind([])(np.ones(2))
    assert len(files(folder)) == 1
    loading._loaded.clear()
    second = link(inputs, outputs).bind([])(np.ones(2))
    assert len(builds) == 1
    np.testing.assert_array_equal(first, second)


def test_code_that_calls_what_another_version_of_a_library_had_costs_a_compilation(folder, builds, monkeypatch):
    rng = random_generator_type("rng")
    draw = at.random.cauchy(0.0, next(_serial) + 1.0, rng=rng, size=3)
    state = np.random.default_rng(1)
    link([rng], [draw]).run([[state]])
    loading._loaded.clear()
    library._registered.discard(LOOP_PREFIX + "cauchy_quantile")
    # SciPy's quantile is what its versions differ in
    monkeypatch.setattr(numpy_code, "has_loop", lambda name: name != "cauchy_quantile")
    monkeypatch.setattr(random_scipy, "has_loop", numpy_code.has_loop)
    loop_words = numpy_code.loop_words

    def words_of_other_version(name):
        if not numpy_code.has_loop(name):
            raise ImportError(f"no loop {name}")
        return loop_words(name)

    monkeypatch.setattr(library, "loop_words", words_of_other_version)
    (got,) = link([rng], [draw]).run([[state]])
    assert len(builds) == 2
    scale = draw.owner.inputs[-1].data
    np.testing.assert_array_equal(got, np.tan(np.pi * np.random.default_rng(1).random(3) - np.pi / 2.0) * scale)


def test_without_the_cache_nothing_is_written(folder, builds):
    inputs, outputs = graph()
    with config.change_flags(numba__cache=False):
        link(inputs, outputs)
    assert files(folder) == []


def test_flags_that_code_depends_on(folder, builds):
    inputs, outputs = graph()
    for fastmath in (True, False, True):
        with config.change_flags(numba__fastmath=fastmath):
            link(inputs, outputs)
    assert len(builds) == 2


def test_each_miss_has_a_reason(folder, builds, caplog):
    class Local(Op):
        def make_node(self, x):
            return Apply(self, [x], [x.type()])

        def perform(self, node, inputs, output_storage):
            output_storage[0][0] = inputs[0] * 2

    caplog.set_level("INFO", "aesaralite.compile.cache")
    inputs, outputs = graph()
    link(inputs, outputs)
    link(inputs, outputs)
    with config.change_flags(numba__cache=False):
        link(inputs, outputs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        link(inputs, [Local()(inputs[0])])
    reasons = [record.getMessage().partition("because: ")[2] for record in caplog.records]
    assert reasons[:2] == ["the cache doesn't have it", "numba__cache is False"]
    assert reasons[2].startswith("another process couldn't tell what ")
    assert ".Local is: it's defined" in reasons[2]
    assert len(reasons) == len(builds) == 3


def test_strictness_holds_for_what_is_in_the_cache(folder):
    x = at.dvector("x")
    output = CalledBack(next(_serial))(x)
    with pytest.warns(UserWarning, match="no lowering for CalledBack") as caught:
        link([x], [output])
    assert caught[0].filename == link.__code__.co_filename  # the caller, not a line of the linker
    assert len(files(folder)) == 1
    with config.change_flags(numba__strict=True), pytest.raises(NoLowering, match="CalledBack"):
        link([x], [output])


class CalledBack(Op):
    __props__ = ("number",)

    def __init__(self, number):
        self.number = number

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * 2


OPS = """
from aesaralite.graph.basic import Apply
from aesaralite.graph.op import Op
from aesaralite_numba.lower.registry import lower

def factor():
    return 2.0

class Scale(Op):
    __props__ = ()

    def make_node(self, x):
        return Apply(self, [x], [x.type()])

    def perform(self, node, inputs, output_storage):
        output_storage[0][0] = inputs[0] * factor()
"""
LOWERING = """
from aesaralite_numba.lower.registry import lower
from ops_of_a_user import Scale

@lower(Scale)
def _scale(ctx, node, x):
    return ctx.map(x.dims, lambda i: ctx.op("mul", "float64", ctx.at(x, (i,)), ctx.e.const(2.0, "float64")))
"""


def define(monkeypatch, name, source):
    """As if the user's module had been imported, by this process or another."""
    module = types.ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(source, vars(module))
    return module


@pytest.mark.parametrize("changed", ["neither", "op", "lowering"])
def test_a_user_changes_an_op_or_its_lowering(folder, builds, monkeypatch, changed):
    x = at.dvector("x")
    results = []
    for factor in (2.0, 3.0):
        op = OPS.replace("2.0", f"{factor if changed == 'op' else 2.0}")
        lowering = LOWERING.replace("2.0", f"{factor if changed != 'neither' else 2.0}")
        module = define(monkeypatch, "ops_of_a_user", op)
        define(monkeypatch, "lowerings_of_a_user", lowering)
        results.append(link([x], [module.Scale()(x)]).bind([])(np.ones(1)).tolist())
        loading._loaded.clear()
    assert results == [[2.0], [2.0 if changed == "neither" else 3.0]]
    assert len(builds) == (1 if changed == "neither" else 2)


def test_a_function_that_is_defined_anew():
    """As in a session: the second has the name of the first."""
    x = at.dvector("x")
    names = {"__name__": "__main__"}
    calls = []
    for factor in (2, 3):
        exec(f"def scale(value): return value * {factor}", names)
        output = as_op([at.dvector], [at.dvector])(names["scale"])(x)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calls.append(link([x], [output]).bind([]))
    assert [call(np.ones(1)).tolist() for call in calls] == [[2], [3]]


def test_large_constants_and_libraries_in_another_process(folder):
    root = pathlib.Path(__file__).parents[3]
    program = (
        "import numpy as np, aesaralite.tensor as at, sys\n"
        "from aesaralite.configdefaults import config\n"
        f"config.base_compiledir = {str(folder)!r}\n"
        "from support.numba_programs import link\n"
        "x = at.dvector('x')\n"
        "big = np.arange(90000.).reshape(300, 300)\n"
        "f = link([x], [at.dot(big, x), at.gammaln(x + 1)]).bind([])\n"
        "a, b = f(np.ones(300))\n"
        "assert np.allclose(a, big.sum(axis=1)) and abs(b).max() < 1e-12\n"
        "assert 'numba' not in sys.modules\n"
        "assert ('aesaralite_numba.build' in sys.modules) == (sys.argv[1] == 'first')  # the compiler\n"
    )
    paths = [str(root / "tests"), str(root), str(root / "linkers")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    for time in ("first", "second"):
        subprocess.run([sys.executable, "-c", program, time], check=True, env=environment)
    assert len(files(folder)) == 1
