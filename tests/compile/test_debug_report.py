"""f.debug: what is found, where, what it does to state, and the files that others open."""

import os
import pickle
import re
import subprocess
import sys
import threading
import zipfile

import numpy as np
import pytest
from support.crooked import Crooked, CrookedLinker

import aesaralite
import aesaralite.tensor as at
from aesaralite import debug
from aesaralite.compile.debugging.values import copy_of_layout, difference, summary_of
from aesaralite.compile.io import In, Out
from aesaralite.compile.mode import Mode
from aesaralite.compile.ops import as_op

BOTH = pytest.mark.usefixtures("linker")


def line_of(finding):
    return finding.origin.source_line()


@BOTH
class TestFindings:
    def test_nothing(self):
        x = at.dvector("x")
        f = aesaralite.function([x], at.exp(x).sum(), name="f")
        report = f.debug([0.0, 0.0])
        assert report.ok and report.finding is None and report.error is None
        assert report.outputs == [2.0]
        assert "all values are finite, and the linker agrees" in str(report)
        assert repr(report) == "<DebugReport of f: nothing found>"

    def test_the_first_nan(self):
        x = at.dvector("x")
        y = at.log(x)  # here
        f = aesaralite.function([x], [at.sqrt(y).sum(), at.switch(at.isnan(y), 0.0, y)])
        report = f.debug([1.0, 2.0, -1.0])
        finding = report.finding
        assert (finding.kind, str(finding.node.op)) == ("nan", "Elemwise{log}")
        assert line_of(finding).endswith("# here")
        text = str(report)
        assert "1 NaN, the first at (2,)" in text and "min 0, max 0.693147" in text
        assert "input 0, x: float64 (3,); min -1, max 2, mean 0.666667" in text
        np.testing.assert_array_equal(report.value_of(finding.node.index), np.log([1.0, 2.0, np.nan]))

    def test_infinities_apart_from_nans(self):
        x = at.dvector("x")
        f = aesaralite.function([x], at.log(x) - at.log(x * 2) + at.exp(x))
        report = f.debug([0.0])
        assert (report.finding.kind, str(report.finding.node.op)) == ("inf", "Elemwise{log}")
        assert {finding.kind for finding in report.findings} == {"inf", "nan"}

    def test_what_comes_from_the_caller(self):
        x = at.dvector("x")
        report = aesaralite.function([x], x * 2).debug([np.nan, 1.0])
        assert report.finding.node is None
        assert report.finding.variable.name == "x"
        assert "The first NaN: x, an input of the function" in str(report)

    def test_a_failure(self):
        x, y = at.dvectors("x", "y")
        total = at.exp(x) + y  # here
        f = aesaralite.function([x, y], total.sum())
        report = f.debug([1.0, 2.0], [1.0, 2.0, 3.0])
        assert isinstance(report.error, ValueError) and not report.ok
        assert report.finding.kind == "failure" and line_of(report.finding).endswith("# here")
        assert not report.outputs
        text = str(report)
        assert "The call failed: ValueError: Input shapes of Elemwise{add}" in text
        assert "input 1, y: float64 (3,); min 1, max 3, mean 2" in text
        assert "never computed" in report.table() and "fails" in report.table()

    def test_a_failure_comes_first_whatever_else_there_is(self):
        x, y = at.dvectors("x", "y")
        report = aesaralite.function([x, y], at.log(x) + y).debug([-1.0], [1.0, 2.0])
        assert report.error is None
        f = aesaralite.function([x, y], at.log(x) + at.join(0, y, y))
        report = f.debug([-1.0, 1.0], [1.0, 2.0])
        assert [finding.kind for finding in report.findings] == ["failure", "nan"]

    @pytest.mark.filterwarnings("ignore:The Numba linker has no lowering")
    def test_an_op_in_python(self):
        @as_op(itypes=[at.dvector], otypes=[at.dvector])
        def halve(a):
            if a.sum() > 10:
                raise RuntimeError("too much")
            return a / 2

        x = at.dvector("x")
        f = aesaralite.function([x], halve(x) + 1)
        assert f.debug([1.0]).ok
        report = f.debug([11.0])
        assert isinstance(report.error, RuntimeError)
        assert "halve" in str(report.finding.node.op)

    def test_arguments_are_those_of_a_call(self):
        x, y = at.dvectors("x", "y")
        f = aesaralite.function([x, In(y, value=np.ones(2), name="why")], {"sum": x + y, "product": x * y})
        assert f.debug(x=[1, 2]).outputs[0].tolist() == [2.0, 3.0]
        assert f.debug([1, 2], why=[5.0, 5.0]).outputs[1].tolist() == [5.0, 10.0]
        assert f.debug([1, 2], output_subset=["sum"]).ok
        with pytest.raises(TypeError, match="Missing required input"):
            f.debug()
        with pytest.raises(TypeError, match="Bad input argument"):
            f.debug("text")


@BOTH
class TestState:
    def test_the_call_is_a_call(self):
        s, x = aesaralite.shared(np.ones(2), name="s"), at.dvector("x")
        f = aesaralite.function([x], [s * 2], updates=[(s, s + x)])
        report = f.debug([1.0, 1.0])
        np.testing.assert_array_equal(s.get_value(), [2.0, 2.0])
        np.testing.assert_array_equal(report.outputs[0], [2.0, 2.0])
        np.testing.assert_array_equal(report.new_state[0], [2.0, 2.0])
        assert report.ok
        assert "s (state before the call): float64 (2,); min 1, max 1, mean 1" in str(report)
        assert "new value of s: float64 (2,); min 2, max 2, mean 2" in str(report)
        f([1.0, 1.0])
        np.testing.assert_array_equal(report.new_state[0], [2.0, 2.0])

    def test_a_failed_call_changes_nothing(self):
        s, x = aesaralite.shared(np.ones(2), name="s"), at.dvector("x")
        f = aesaralite.function([x], s.sum(), updates=[(s, s + x)])
        assert isinstance(f.debug([1.0, 1.0, 1.0]).error, ValueError)
        np.testing.assert_array_equal(s.get_value(), [1.0, 1.0])

    def test_the_state_before_is_what_is_replayed(self):
        s = aesaralite.shared(4.0, name="s")
        f = aesaralite.function([], at.log(s - 1), updates=[(s, s - 1)])
        kinds = [[finding.kind for finding in f.debug().findings] for _ in range(4)]
        assert kinds == [[], [], [], ["inf"]]
        assert s.get_value() == 0.0

    def test_generators(self):
        rng = aesaralite.shared(np.random.default_rng(5), name="rng")
        draw = at.random.normal(size=(3,), rng=rng)
        f = aesaralite.function([], draw, updates=[(rng, draw.owner.outputs[0])])
        reference = np.random.default_rng(5)
        for _ in range(2):
            report = f.debug()
            assert report.ok, str(report)
            np.testing.assert_array_equal(report.outputs[0], reference.normal(size=3))
        np.testing.assert_array_equal(f(), reference.normal(size=3))
        assert "rng (state before the call): Generator" in str(report)

    def test_a_state_given_as_argument(self):
        inc, state = at.dscalar("inc"), at.dscalar("state")
        f = aesaralite.function([inc, In(state, value=1.0, update=state + inc, name="st")], state * 2)
        assert f.debug(1.0).outputs == [2.0]
        assert f["st"] == 2.0
        report = f.debug(1.0, st=10.0)
        assert report.outputs == [20.0] and f["st"] == 11.0
        assert "state (state before the call): float64 (); min 10" in str(report)

    def test_a_mutable_argument_is_saved_before_it_is_written_into(self):
        x = at.dvector("x")
        f = aesaralite.function([In(x, mutable=True)], Out(at.exp(x), borrow=True))
        value = np.zeros(3)
        report = f.debug(value)
        assert report.ok
        np.testing.assert_array_equal(report.case.inputs[0], np.zeros(3))

    def test_no_writer_comes_between(self):
        s = aesaralite.shared(np.zeros(1000), name="s")
        f = aesaralite.function([], s.sum(), updates=[(s, s + 1)])
        reports = []
        threads = [threading.Thread(target=lambda: reports.append(f.debug())) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(report.ok for report in reports)
        assert sorted(float(report.outputs[0]) for report in reports) == [1000.0 * k for k in range(8)]


class TestLinkers:
    x = at.dvector("x")

    def crooked(self, outputs, **settings):
        mode = Mode(CrookedLinker(**settings), optimizer=None)
        return aesaralite.function([self.x], outputs, mode=mode)

    def test_the_node_that_differs(self):
        y = at.tanh(at.exp(self.x))  # here
        finding = self.crooked(at.sqr(y).sum()).debug([1.0, 2.0]).finding
        assert (finding.kind, str(finding.node.op)) == ("difference", "Elemwise{tanh}")
        assert line_of(finding).endswith("# here")
        np.testing.assert_allclose(finding.difference.actual - finding.difference.expected, 1)

    def test_text(self):
        text = str(self.crooked(at.tanh(self.x)).debug([1.0, 2.0]))
        assert "The first difference between the linker and the definitions: node 0" in text
        assert "by the definition: float64 (2,); min 0.761594" in text
        assert "by 'crooked': float64 (2,); min 1.76159" in text
        assert re.search(r"2 of 2 elements differ, most at \(\d,\)", text)

    def test_one_that_is_wrong_only_where_it_is_fused(self):
        y = at.exp(at.sqr(at.tanh(self.x)))
        finding = self.crooked([y.sum(), self.x], fused_only=True).debug([1.0, 2.0]).finding
        assert str(finding.node.op) == "Elemwise{square}"  # the first value that shows it
        assert finding.difference.where == "in a program that gives this value alone"

    def test_what_does_not_depend_on_it_is_no_hindrance(self):
        # the values of the second chain come last, and are right
        y, z = at.exp(at.sqr(at.tanh(self.x))), self.x
        for _ in range(6):
            z = at.sqrt(at.sqr(z) + 1)
        outputs = [y.sum() + z.sum(), z.sum()]
        for fails in (False, True):
            finding = self.crooked(outputs, fused_only=True, fails=fails).debug([1.0, 2.0]).finding
            assert str(finding.node.op) == "Elemwise{square}"

    def test_one_that_fails(self):
        report = self.crooked(at.exp(at.tanh(self.x)), fails=True).debug([1.0])
        assert isinstance(report.error, ArithmeticError)
        assert str(report.finding.node.op) == "Elemwise{tanh}"
        assert "by 'crooked': ArithmeticError: crooked" in str(report)

    def test_one_that_does_not_fail_where_it_should(self):
        class Careless(CrookedLinker):
            def link(self, graph, plan):
                program = super().link(graph, plan)
                program.run = lambda storage: [np.zeros(2)]
                return program

        y = at.dvector("y")
        f = aesaralite.function([self.x, y], self.x + y, mode=Mode(Careless(), optimizer=None))
        report = f.debug([1.0, 2.0], [1.0, 2.0, 3.0])
        assert report.error is None
        assert {finding.kind for finding in report.findings} == {"failure", "difference"}
        assert "'crooked' doesn't fail" in str(report)

    def test_no_difference_of_rounding(self):
        values = np.random.default_rng(0).normal(size=1000) * 1e8
        f = aesaralite.function(
            [self.x], [self.x.sum(), at.exp(self.x / 1e8).mean(), at.dot(self.x, self.x)], mode="NUMBA"
        )
        assert f.debug(values).ok

    def test_state_may_differ_too(self):
        s = aesaralite.shared(1.0, name="s")
        f = aesaralite.function([], [], updates=[(s, at.tanh(s))], mode=Mode(CrookedLinker(), optimizer=None))
        assert f.debug().finding.kind == "difference"


def open_in_a_fresh_process(*arguments, status):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "aesaralite.debug", *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def open_here(capsys):
    def run(*arguments, status):
        capsys.readouterr()
        try:
            assert debug._main([str(argument) for argument in arguments]) == status
        except SystemExit as leaving:
            assert leaving.code == status
        done = capsys.readouterr()
        return done.out + done.err

    return run


class TestFiles:
    @BOTH
    def test_another_process_repeats_the_call(self, tmp_path):
        s, x = aesaralite.shared(np.ones((2, 3)), name="s"), at.dmatrix("x")
        rng = aesaralite.shared(np.random.default_rng(1), name="rng")
        noise = at.random.normal(size=(2, 3), rng=rng)
        y = at.log(s - x) + noise  # the line
        f = aesaralite.function([x], y.sum(), updates=[(s, s + x), (rng, noise.owner.outputs[0])], name="mine")
        report = f.debug(np.full((3, 2), 2.0).T)
        path = tmp_path / "case"
        report.save(path)
        assert os.listdir(tmp_path) == ["case"]
        text = open_in_a_fresh_process(path, "--table", status=1)
        shown, _, table = text.partition("\n\nAll values:\n")
        assert shown == str(report)
        assert "Function mine" in shown and "The first NaN: node" in shown and "# the line" in shown
        assert "rng (state before the call): Generator PCG64" in shown
        assert "Elemwise{log}" in table
        assert open_in_a_fresh_process(path, "--saved", status=0).strip() == str(report).strip()

    def test_another_linker_may_repeat_it(self, tmp_path, open_here):
        x = at.dvector("x")
        f = aesaralite.function([x], at.exp(x), mode=Mode("numba"))
        path = tmp_path / "case"
        f.debug([1.0]).save(path)
        assert "linker 'py'" in open_here(path, "--linker", "py", status=0)
        assert "no linker 'nonesuch'" in open_here(path, "--linker", "nonesuch", status=2)
        saved = debug.load(path)
        assert saved.case.linker.name == "numba" and saved.versions["numpy"] == np.__version__
        assert debug.replay(saved.with_linker("py")).ok

    def test_arrays_keep_their_layout(self, tmp_path):
        x = at.dmatrix("x")
        f = aesaralite.function([x], x.sum(), trust_input=True)
        value = np.arange(24.0).reshape(4, 6)[::-1, ::2]
        report = f.debug(value)
        assert report.case.inputs[0].strides == value.strides
        report.save(tmp_path / "case")
        (again,) = debug.load(tmp_path / "case").case.inputs
        assert again.strides == value.strides
        np.testing.assert_array_equal(again, value)

    def test_flags_come_along(self, tmp_path):
        x = at.dvector("x")
        with aesaralite.config.change_flags(tensor__cmp_sloppy=2):
            aesaralite.function([x], x * 2).debug([1.0]).save(tmp_path / "case")
        assert debug.load(tmp_path / "case").flags["tensor__cmp_sloppy"] == 2

    def test_ops_of_a_script(self, tmp_path):
        script = tmp_path / "program.py"
        script.write_text(
            "import numpy as np, aesaralite, aesaralite.tensor as at\n"
            "from aesaralite.compile.ops import as_op\n"
            "@as_op(itypes=[at.dvector], otypes=[at.dvector])\n"
            "def root(a):\n"
            "    return np.sqrt(a)\n"
            "if __name__ == '__main__':\n"
            "    x = at.dvector('x')\n"
            "    f = aesaralite.function([x], root(x) * 2, mode='FAST_COMPILE')\n"
            "    f.debug([-1.0]).save('case')\n"
        )
        subprocess.run([sys.executable, "-W", "ignore", script], check=True, cwd=tmp_path)
        text = open_in_a_fresh_process(tmp_path / "case", status=2)
        assert "has no attribute 'root'" in text and f"{script} defines: give it with --main" in text
        text = open_in_a_fresh_process(tmp_path / "case", "--main", script, status=1)
        assert "The first NaN: node 0 (of 2), FromFunctionOp{root}(x)" in text

    def test_what_cannot_be_saved(self, tmp_path):
        @as_op(itypes=[at.dvector], otypes=[at.dvector])
        def local(a):
            return a

        x = at.dvector("x")
        report = aesaralite.function([x], local(x), mode="FAST_COMPILE").debug([1.0])
        with pytest.raises(pickle.PicklingError, match=r"can't be saved.*local"):
            report.save(tmp_path / "case")
        assert not os.listdir(tmp_path)

    def test_files_that_are_something_else(self, tmp_path, open_here):
        path = tmp_path / "case"
        path.write_text("text")
        with pytest.raises(ValueError, match="no file that a debug report has saved"):
            debug.load(path)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("other", "text")
        with pytest.raises(ValueError, match="no file that a debug report has saved"):
            debug.load(path)
        assert "no file that" in open_here(path, status=2)
        open_here(tmp_path / "nothing", status=2)

    def test_other_versions_are_told(self, tmp_path, open_here, monkeypatch):
        x = at.dvector("x")
        path = tmp_path / "case"
        with monkeypatch.context() as patched:
            patched.setattr(np, "__version__", "1.0")
            patched.setattr("importlib.metadata.version", lambda package: "1.0")
            aesaralite.function([x], at.exp(x), mode="FAST_COMPILE").debug([1.0]).save(path)
        text = open_here(path, "--table", status=0)
        assert f"The call was made with numpy 1.0; here is {np.__version__}." in text
        assert "All values:\n%0 = x: float64 (1,)" in text
        assert "The call succeeded" in open_here(path, "--saved", status=0)

    def test_what_is_not_to_be_had_here(self, tmp_path, monkeypatch):
        x = at.dvector("x")
        f = aesaralite.function([x], at.exp(x), mode=Mode(CrookedLinker(), optimizer=None))
        f.debug([1.0]).save(tmp_path / "case")
        monkeypatch.delattr("support.crooked.CrookedLinker")
        with pytest.raises(ValueError, match=r"can't be loaded here: AttributeError: .*CrookedLinker"):
            debug.load(tmp_path / "case")

    def test_a_linker_that_refuses_the_graph(self, tmp_path):
        class Refusing(CrookedLinker):
            def link(self, graph, plan):
                raise NotImplementedError("no")

        x = at.dvector("x")
        aesaralite.function([x], at.exp(x), mode="FAST_COMPILE").debug([1.0]).save(tmp_path / "case")
        report = debug.replay(debug.load(tmp_path / "case").with_linker(Refusing()))
        assert isinstance(report.error, NotImplementedError)
        assert report.finding.kind == "difference"

    def test_a_linker_that_is_no_package(self, tmp_path):
        x = at.dvector("x")
        f = aesaralite.function([x], at.exp(at.tanh(x)), mode=Mode(CrookedLinker(), optimizer=None))
        f.debug([1.0]).save(tmp_path / "case")
        report = debug.replay(debug.load(tmp_path / "case"))
        assert report.finding.kind == "difference"


class TestValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (np.array([1.0, 2.0]), "float64 (2,); min 1, max 2, mean 1.5"),
            (np.array([np.inf, np.nan, -np.inf]), "float64 (3,); 1 NaN, the first at (1,); 2 Inf, the first at (0,)"),
            (np.zeros((0, 2), "float32"), "float32 (0, 2)"),
            (np.array([True, False]), "bool (2,); min 0, max 1, mean 0.5"),
            (np.array(3 + 4j), "complex128 (); min 5, max 5, mean 5"),
            (np.int8(3), "int8 (); min 3, max 3, mean 3"),
            (slice(1, 2), "slice slice(1, 2, None)"),
            (None, "NoneType None"),
            (np.random.default_rng(0), "Generator PCG64"),
        ],
    )
    def test_summaries(self, value, text):
        assert str(summary_of(value)) == text

    def test_where_the_first_is(self):
        value = np.ones((2, 3, 4))
        value[1, 0, 2] = value[1, 1, 1] = np.nan
        summary = summary_of(value)
        assert (summary.n_nan, summary.first_nan, summary.is_finite) == (2, (1, 0, 2), False)

    def test_differences(self):
        a = np.array([1.0, np.nan, np.inf])
        assert difference(a, a.copy()) == "no difference"
        assert difference(a, a + [1, 0, 0]) == "1 of 3 elements differ, most at (0,): 1.0 and 2.0"
        assert difference(a, a[:2]) == "the shapes are (3,) and (2,)"
        assert difference(a, a.astype("float32")) == "the dtypes are float64 and float32"
        assert difference(np.random.default_rng(0), np.random.default_rng(1)).endswith("in different states")
        assert difference(None, a) == "they are NoneType None and float64 (3,); 1 NaN, the first at (1,); " + (
            "1 Inf, the first at (2,); min 1, max 1, mean 1"
        )
        assert difference(np.array(True), np.array(False)) == "1 of 1 elements differ: True and False"

    @pytest.mark.parametrize(
        "value",
        [
            np.arange(24.0).reshape(4, 6)[::-1, ::2],
            np.broadcast_to(np.arange(3.0), (2, 3)),
            np.arange(24, dtype="int16").reshape(2, 3, 4).transpose(1, 0, 2),
            np.asfortranarray(np.ones((2, 3))),
            np.float64(3),
        ],
    )
    def test_copies_keep_the_layout(self, value):
        copy = copy_of_layout(value)
        np.testing.assert_array_equal(copy, value)
        assert copy.strides == value.strides
        assert not np.shares_memory(copy, value)


@pytest.mark.filterwarnings("ignore:The Numba linker has no lowering")
def test_debugging_a_debugged_function():
    x = at.dvector("x")
    report = aesaralite.function([x], Crooked("another dtype")(x), mode="DebugMode").debug([1.0])
    assert type(report.error).__name__ == "InvalidValueError"
    assert str(report.finding.node.op) == "Crooked{how='another dtype'}"
