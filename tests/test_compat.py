"""Programs written for Aesara and Theano, unchanged, in processes of their own."""

import os
import subprocess
import sys
import textwrap

import pytest

LINKERS = ["py", "numba"]


def run(program: str, package: str = "aesara", **environment: str) -> str:
    """Run a program after the package was stood in for; return what it prints."""
    code = f"import aesaralite.compat; aesaralite.compat.install({package!r})\n{textwrap.dedent(program)}"
    process = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def with_linker(linker: str) -> dict[str, str]:
    return {"AESARALITE_FLAGS": f"{os.environ['AESARALITE_FLAGS']},linker={linker}"}


def test_modules_are_the_same_objects():
    program = """
        import aesara, aesaralite
        import aesara.tensor as at
        import aesaralite.tensor
        import aesara.graph.basic
        from aesara.configdefaults import config
        assert aesara is aesaralite and at is aesaralite.tensor
        assert aesara.graph.basic is aesaralite.graph.basic
        assert config is aesaralite.config
        import sys
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == "aesara":
                assert module.__name__.partition(".")[0] == "aesaralite", name
                assert module.__spec__.name == module.__name__, name
        print("done")
    """
    assert run(program) == "done\n"


def test_a_missing_module_is_named():
    program = """
        try:
            import aesara.gpuarray
        except ModuleNotFoundError as error:
            print(error)
    """
    assert run(program) == "aesaralite has no module 'aesaralite.gpuarray' to stand for 'aesara.gpuarray'.\n"


def test_a_module_that_moved():
    program = """
        import theano.gof.graph, aesaralite.graph.basic
        assert theano.gof.graph is aesaralite.graph.basic
    """
    run(program, "theano")


def test_flags_of_the_environment():
    program = "import theano; print(theano.config.floatX, theano.config.linker, theano.config.mode)"
    printed = run(program, "theano", THEANO_FLAGS="floatX=float32,linker=cvm,mode=FAST_COMPILE,device=cpu")
    assert printed == "float32 numba FAST_COMPILE\n"


def test_own_flags_win():
    program = "import aesara; print(aesara.config.floatX)"
    own = {"AESARALITE_FLAGS": "floatX=float64", "AESARA_FLAGS": "floatX=float32"}
    assert run(program, **own) == "float64\n"


def test_uninstall_and_install_again():
    program = """
        import sys
        from aesaralite import compat
        import aesara.configdefaults
        compat.install("aesara")
        compat.uninstall("aesara")
        compat.uninstall("aesara")
        assert not any(name.startswith("aesara.") for name in sys.modules)
        compat.install("aesara")
        import aesara.configdefaults, aesaralite.configdefaults
        assert aesara.configdefaults is aesaralite.configdefaults
    """
    run(program)


def test_refusals(monkeypatch):
    from aesaralite import compat

    with pytest.raises(ValueError, match="'aesara' and 'theano'"):
        compat.install("numpy")
    monkeypatch.setitem(sys.modules, "theano", sys)
    with pytest.raises(RuntimeError, match="'theano' has been imported already"):
        compat.install("theano")


def test_a_program_file(tmp_path):
    (tmp_path / "helper.py").write_text("answer = 42\n", encoding="utf-8")
    program = tmp_path / "program.py"
    program.write_text("import sys, aesara, helper\nprint(aesara.__name__, helper.answer, sys.argv[1:])\n", "utf-8")
    command = [sys.executable, "-m", "aesaralite.compat", "aesara", str(program), "--flag"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed == "aesaralite 42 ['--flag']\n"


@pytest.mark.parametrize("linker", LINKERS)
def test_theano_shared_tutorial(linker):
    program = """
        import numpy as np
        import theano
        import theano.tensor as T

        state = theano.shared(np.array(0,dtype=np.float64), 'state')
        inc = T.scalar('inc', dtype=state.dtype)
        accumulator = theano.function([inc], state, updates=[(state, state+inc)])

        print(state.get_value())
        accumulator(1)
        print(state.get_value())
        accumulator(10)
        print(state.get_value())

        state.set_value(-1)
        accumulator(3)
        print(state.get_value())

        tmp_func = state * 2 + inc
        a = T.scalar(dtype=state.dtype)
        skip_shared = theano.function([inc, a], tmp_func, givens=[(state, a)])
        print(skip_shared(2, 3))
        print(state.get_value())
    """
    assert run(program, "theano", **with_linker(linker)).split() == ["0.0", "1.0", "11.0", "2.0", "8.0", "2.0"]


@pytest.mark.parametrize("linker", LINKERS)
def test_aesara_tutorial(linker):
    program = """
        import numpy as np
        import aesara
        import aesara.tensor as at
        from aesara import function, shared
        from aesara.compile.io import In

        x = at.dmatrix('x')
        for s in (1 / (1 + at.exp(-x)), (1 + at.tanh(x / 2)) / 2):
            logistic = aesara.function([x], s)
            np.testing.assert_allclose(
                logistic([[0, 1], [-1, -2]]), [[0.5, 0.73105858], [0.26894142, 0.11920292]], rtol=1e-7
            )

        a, b = at.dmatrices('a', 'b')
        diff = a - b
        f = aesara.function([a, b], [diff, abs(diff), diff**2])
        results = f([[1, 1], [1, 1]], [[0, 1], [2, 3]])
        assert type(results) is list
        np.testing.assert_array_equal(results, [[[1, 0], [-1, -2]], [[1, 0], [1, 2]], [[1, 0], [1, 4]]])

        x, y = at.dscalars('x', 'y')
        f = function([x, In(y, value=1)], x + y)
        print(repr(f(33)), repr(f(33, 2)), repr(f(33)))

        x, y, w = at.dscalars('x', 'y', 'w')
        z = (x + y) * w
        f = function([x, In(y, value=1), In(w, value=2, name='w_by_name')], z)
        print(f(33), f(33, 2), f(33, 0, 1), f(33, w_by_name=1), f(33, w_by_name=1, y=0))

        state = shared(0)
        inc = at.iscalar('inc')
        accumulator = function([inc], state, updates=[(state, state+inc)])
        print(state.get_value(), repr(accumulator(1)), state.get_value(), repr(accumulator(300)), state.get_value())
        state.set_value(-1)
        print(repr(accumulator(3)), state.get_value())
        decrementor = function([inc], state, updates=[(state, state-inc)])
        print(repr(decrementor(2)), state.get_value())

        fn_of_state = state * 2 + inc
        foo = at.scalar(dtype=state.dtype)
        skip_shared = function([inc, foo], fn_of_state, givens=[(state, foo)])
        print(repr(skip_shared(1, 3)), state.get_value())

        state = aesara.shared(0)
        accumulator = aesara.function([inc], state, updates=[(state, state+inc)])
        accumulator(10)
        new_state = aesara.shared(0)
        new_accumulator = accumulator.copy(swap={state:new_state})
        print(repr(new_accumulator(100)), new_state.get_value(), state.get_value())
        null_accumulator = accumulator.copy(delete_updates=True)
        print(repr(null_accumulator(9000)), state.get_value())
    """
    expected = """\
        array(34.) array(35.) array(34.)
        68.0 70.0 33.0 34.0 33.0
        0 array(0) 1 array(1) 301
        array(-1) 2
        array(2) 0
        array(7) 0
        array(0) 100 10
        array(10) 10
        """
    assert run(program, **with_linker(linker)) == textwrap.dedent(expected)


@pytest.mark.parametrize("linker", LINKERS)
def test_aesara_logistic_regression(linker):
    program = """
        import numpy as np
        import aesara
        import aesara.tensor as at

        rng = np.random.default_rng(2882)
        N = 400
        feats = 784
        D = (rng.standard_normal((N, feats)), rng.integers(size=N, low=0, high=2))
        training_steps = 100

        x = at.dmatrix("x")
        y = at.dvector("y")
        w = aesara.shared(rng.standard_normal(feats), name="w")
        b = aesara.shared(0., name="b")

        p_1 = 1 / (1 + at.exp(-at.dot(x, w) - b))
        prediction = p_1 > 0.5
        xent = -y * at.log(p_1) - (1-y) * at.log(1-p_1)
        cost = xent.mean() + 0.01 * (w ** 2).sum()
        gw, gb = at.grad(cost, [w, b])

        train = aesara.function(
                  inputs=[x,y],
                  outputs=[prediction, xent],
                  updates=((w, w - 0.1 * gw), (b, b - 0.1 * gb)))
        predict = aesara.function(inputs=[x], outputs=prediction)

        for i in range(training_steps):
            pred, err = train(D[0], D[1])
            if i + 1 in (1, 10, 100):
                print(repr(float(err.sum())), repr(float(b.get_value())))
        assert pred.dtype == predict(D[0]).dtype == bool
    """
    printed = [float(word) for word in run(program, **with_linker(linker)).split()]
    # Measured on Aesara 2.9.4: the sum of the losses, and b, after 1, 10 and 100 steps.
    assert printed == pytest.approx(
        [4089.584848988806, 0.008678295743321, 3662.2859834811, 0.0845683793766, 1011.5527918081, 0.545558141220],
        rel=1e-9,
    )
