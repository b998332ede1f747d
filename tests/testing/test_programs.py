"""Printed programs run, and build the graph that they were printed from."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aesaralite
import aesaralite.scalar as aes
import aesaralite.tensor as at
from aesaralite import Mode, config, function, grad, shared
from aesaralite.graph.basic import Apply, equal_computations
from aesaralite.graph.op import Op
from aesaralite.testing import assert_same
from aesaralite.testing.conformance import CASES
from aesaralite.testing.layouts import FOREIGN, LAYOUTS, with_layout, with_strides
from aesaralite.testing.literals import value_source
from aesaralite.testing.programs import program_of
from aesaralite.testing.strategies import arrays, dtypes, generators, graphs, programs, shapes


@pytest.fixture(autouse=True)
def plain_mode():
    with config.change_flags(linker="py", optimizer="None"):
        yield


def rebuilt(program, variables, **names):
    """Run a program; return what it makes of variables, and what its names mean."""
    found = program.run(**names)
    return [found[program.names[v]] if v in program.names else v for v in variables], found


def check_round_trip(inputs, outputs, **names):
    program = program_of(inputs, outputs)
    new_inputs, found = rebuilt(program, inputs, **names)
    f = found["f"]
    # the function's own copy of what it was made of
    new_outputs = [out.variable for out in f.maker.outputs]
    own = [spec.variable for spec in f.maker.inputs if not spec.implicit]
    assert [v.type for v in own] == [v.type for v in inputs]
    assert [v.name for v in new_inputs] == [v.name for v in inputs]
    assert [v.type for v in new_outputs] == [v.type for v in outputs]
    assert equal_computations(new_outputs, outputs, own, inputs)
    return program


class TestValues:
    @given(arrays(dtypes("biufc"), shapes()))
    def test_arrays(self, value):
        source = value_source(value)
        again = evaluated(source)
        assert_same(value, again, rtol=0, atol=0)
        assert np.array_equal(np.signbit(value), np.signbit(again)) if value.dtype.kind == "f" else True
        assert again.flags.writeable == value.flags.writeable
        if value.size and not value.flags.forc:
            assert again.strides == value.strides

    @pytest.mark.parametrize("layout", LAYOUTS + FOREIGN)
    def test_layouts(self, layout):
        value = with_layout(np.arange(6.0).reshape(2, 3), layout)
        again = evaluated(value_source(value))
        assert (again.strides, again.flags.writeable, again.flags.aligned) == (
            value.strides,
            value.flags.writeable,
            value.flags.aligned,
        )

    def test_odd_strides(self):
        value = with_strides(np.ones((3, 2)), (8, 0))
        again = evaluated(value_source(value))
        assert again.strides == (8, 0)

    @given(generators(), st.booleans())
    def test_generators(self, rng, is_used):
        if is_used:
            rng.normal(size=3)
        again = evaluated(value_source(rng))
        assert again.bit_generator.random_raw() == rng.bit_generator.random_raw()

    def test_legacy_generator(self):
        rng = np.random.RandomState(3)
        assert evaluated(value_source(rng)).uniform() == rng.uniform()

    @pytest.mark.parametrize(
        "value", [None, 2, 2.5, True, slice(1, None, 2), np.float32(0.1), complex(1, -0.0), {1, 2}]
    )
    def test_others(self, value):
        assert evaluated(value_source(value)) == value


def evaluated(source):
    names = {"np": np}
    for statement in source.imports:
        exec(statement, names)
    return eval(source, names)


class TestGraphs:
    @given(graphs(kinds="biufc", max_outputs=3))
    def test_random_graphs(self, case):
        check_round_trip(case.inputs, case.outputs)

    @given(programs(kinds="f"))
    def test_whole_programs(self, case):
        found = case.program().run()
        f = case.compile()
        f(*case.values)  # as the program has done
        for expected, got in zip(f(*case.values), found["f"](*case.values), strict=True):
            assert_same(expected, got, rtol=0, atol=0)

    @pytest.mark.parametrize("case", CASES[::3], ids=lambda case: case.id)
    def test_every_kind_of_op(self, case):
        program = check_round_trip(*case.graph())
        assert "pickle" not in program.source

    @given(graphs(kinds="f", max_nodes=4))
    def test_rewritten_graphs(self, case):
        with config.change_flags(on_opt_error="raise"):
            fgraph = function(
                case.inputs, case.outputs, mode=Mode("py", "fast_run"), on_unused_input="ignore"
            ).maker.fgraph
        check_round_trip(fgraph.inputs, fgraph.outputs)

    def test_composites(self):
        x, y = aes.float64("x"), aes.float32("y")
        inner = aes.Composite([x, y], [aes.exp(x) * y + aes.constant(0.5), aes.lt(x, y)])
        a, b = at.dvector("a"), at.fvector("b")
        check_round_trip([a, b], at.elemwise.Elemwise(inner)(a, b))

    def test_gradients(self):
        x = at.dmatrix("x")
        check_round_trip([x], [grad(at.softmax(x, axis=0)[0].sum() ** 2, x)])

    def test_names_that_clash(self):
        x, y, f = at.dvector("x"), at.dvector("x"), at.dvector("np")
        program = check_round_trip([x, y, f], [x + y * f])
        assert len({program.names[v] for v in (x, y, f)}) == 3

    def test_a_type_that_is_narrower_than_that_of_the_op(self):
        x = at.dvector("x")
        node = Apply(at.exp, [x], [at.TensorType("float64", shape=(3,))()])
        check_round_trip([x], node.outputs)

    def test_state(self):
        s = shared(np.arange(3.0), name="s")
        rng = shared(np.random.default_rng(1), name="rng")
        draw = at.random.normal(0, 1, size=(3,), rng=rng)
        x = at.dvector("x")
        program = program_of(
            [x],
            [s + x, draw],
            [np.ones(3)],
            updates={s: s * 2, rng: draw.owner.outputs[0]},
            modes=[("py", None), ("numba", "fast_run")],
        )
        found = program.run()
        np.testing.assert_array_equal(found["s"].get_value(), [0.0, 2.0, 4.0])

    def test_default_updates(self):
        s = shared(1.0, name="s")
        s.default_update = s + 1
        found = program_of([], [s * 2], []).run()
        assert found["s"].get_value() == 2.0

    def test_givens(self):
        x, y = at.dvectors("x", "y")
        found = program_of([y], [at.exp(x)], [np.zeros(2)], givens={x: y + 1}).run()
        np.testing.assert_allclose(found["f"]([0.0]), [np.exp([1.0])])

    def test_classes_that_cannot_be_imported(self):
        class Local(Op):
            __props__ = ("factor",)

            def __init__(self, factor=2):
                self.factor = factor

            def make_node(self, x):
                return Apply(self, [x], [x.type()])

        x = at.dvector("x")
        program = program_of([x], [Local(3)(x)])
        assert "can't be imported" in program.source
        assert "Local(factor=3)(x)" in program.source
        program.run(Local=Local)

    def test_a_program_needs_nothing_else(self, tmp_path):
        x = at.dmatrix("x")
        program = program_of([x], [at.exp(x).sum(axis=0)], [with_layout(np.eye(2), "F")])
        path = tmp_path / "program.py"
        path.write_text(program.source)
        printed = subprocess.run([sys.executable, str(path)], check=True, capture_output=True, text=True).stdout
        assert "3.718" in printed


def test_hypothesis_prints_programs():
    @given(graphs(families=["unary"]))
    @settings(max_examples=5, database=None)
    def fails(case):
        raise AssertionError("as always")

    with pytest.raises(AssertionError) as caught:
        fails()
    notes = "\n".join(caught.value.__notes__)
    assert "import aesaralite.tensor as at" in notes
    code = notes[notes.index("import numpy") : notes.index("print(f(")]
    names = {}
    exec(code, names)
    assert isinstance(names["f"], aesaralite.compile.function.types.Function)
