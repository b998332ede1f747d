"""Processes: the interpreter ends, or forks, while calls are made; functions and state go to other processes."""

import os
import subprocess
import sys

import pytest

PREAMBLE = """
import atexit, multiprocessing, os, pickle, signal, sys, threading, time, warnings
from concurrent.futures import ProcessPoolExecutor
import numpy as np
import aesaralite
import aesaralite.tensor as at
from aesaralite import config, function, shared
from aesaralite.compile.ops import as_op
from aesaralite.tensor.random.utils import RandomStream

warnings.simplefilter("ignore")
config.linker = sys.argv[1]
x = at.dvector("x")


@as_op([at.dvector], [at.dvector])
def double(value):
    return value * 2


"""


@pytest.fixture(params=["py", "numba"])
def run(request, tmp_path):
    """Run a program with a linker; gives what it prints. It may not crash, hang, or complain."""

    def run_program(program, *args):
        path = tmp_path / "program.py"
        path.write_text(PREAMBLE + program)
        process = subprocess.run(
            [sys.executable, path, request.param, *args], capture_output=True, text=True, timeout=120, check=False
        )
        assert process.returncode == 0, (process.returncode, process.stdout, process.stderr)
        assert process.stderr == ""
        return process.stdout.split()

    return run_program


IN_CALLS = """
s, t = (shared(np.zeros(20000)) for _ in range(2))
rng = shared(np.random.default_rng(1))
draw = at.random.normal(size=3000, rng=rng)
functions = [
    function([], at.exp(at.sort(s)).sum(), updates=[(s, s + 1), (t, t + 1)]),
    function([], double(s).sum(), updates=[(s, s + 1), (t, double(t) - t + 1)]),
    function([], at.sort(draw), updates=[(rng, draw.owner.outputs[0])]),
    function([], at.exp(s) + at.ones(3)),
]
started = threading.Barrier(len(functions) + 1)


def work(f):
    is_first = True
    while True:
        try:
            f()
        except ValueError:
            pass
        if is_first:
            started.wait()
            is_first = False


for f in functions:
    threading.Thread(target=work, args=(f,), daemon=True).start()
started.wait()
time.sleep(float(sys.argv[2]))
"""


def test_the_interpreter_ends_while_threads_are_in_calls(run):
    for pause in ("0", "0.02"):
        run(IN_CALLS, pause)


def test_calls_made_while_the_interpreter_ends(run):
    program = """
n = shared(0)
f = function([], double(at.ones(2)).sum() + n, updates={n: n + 1})


def last():
    print("at exit", f())


atexit.register(last)


class Dying:
    def __init__(self, f):
        self.f = f

    def __del__(self):
        self.f()


sys.dying = Dying(f)


def go_on():
    for _ in range(200):
        f()
    print("thread", n.get_value())


thread = threading.Thread(target=go_on)
thread.start()
"""
    assert run(program) == ["thread", "200", "at", "exit", "204.0"]


FORKS = """
s, t = (shared(np.zeros(200_000)) for _ in range(2))
steps = [
    function([], s.sum(), updates=[(s, s + 1), (t, t + 1)]),
    function([], double(t).sum(), updates=[(s, s + 1), (t, double(t) - t + 1)]),
]
look = function([], [s.min(), s.max(), t.min(), t.max()])
stop = threading.Event()


def repeat(call):
    while not stop.is_set():
        call()


def compile_something():
    function([x], at.exp(x * np.random.random()))(np.ones(3))


def set_flag():
    with config.change_flags(floatX="float32"):
        pass


def in_child():
    # one after another: each state is as after a call, no lock is closed, and threads can be started
    before = look()
    assert before == [before[0]] * 4
    assert s.get_value()[0] == before[0]
    for step in steps:
        thread = threading.Thread(target=step)
        thread.start()
        thread.join()
    assert look() == [before[0] + 2] * 4
    compile_something()
    set_flag()


threads = [threading.Thread(target=repeat, args=(call,)) for call in (*steps, look, compile_something, set_flag)]
for thread in threads:
    thread.start()
for _ in range(4):
    child = os.fork()
    if not child:
        signal.alarm(60)
        status = 1
        try:
            in_child()
            status = 0
        finally:
            os._exit(status)
    print(os.waitpid(child, 0)[1])
stop.set()
for thread in threads:
    thread.join()
print(len(set(map(float, look()))))
"""

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system doesn't fork")


@needs_fork
def test_a_fork_while_other_threads_call_and_compile(run):
    assert run(FORKS) == ["0"] * 4 + ["1"]


@needs_fork
def test_a_fork_out_of_a_call(run):
    """An Op's Python code forks: the call goes on in both processes, each with its own state."""
    program = """
s = shared(np.zeros(3))
children = []


@as_op([at.dvector], [at.dvector])
def forking(value):
    if not children:
        children.append(os.fork())
        if not children[0]:
            signal.alarm(60)
    return value + 1


f = function([x], s.sum(), updates={s: s + forking(x)})
f(np.ones(3))
thread = threading.Thread(target=f, args=(np.full(3, 10.0 * bool(children[0])),))
thread.start()
thread.join()
assert s.get_value().tolist() == [13.0 if children[0] else 3.0] * 3, s.get_value()
if children[0]:
    print(os.waitpid(children[0], 0)[1])
"""
    assert run(program) == ["0"]


POOLS = """
total = shared(np.zeros(2), name="total")
stream = RandomStream(seed=3)
draw = stream.normal(size=2)
f = function([x], [total + x, draw], updates={total: total + double(x)})


def call(f, value):
    first = [array.tolist() for array in f(value)]
    second = [array.tolist() for array in f(value)]
    return os.getpid(), first, second


def inherited(value):
    return call(f, value)


def of_shared(both):
    # the function and its variable were pickled together, and are still about one another
    g, variable = both
    g(np.ones(2))
    return variable.get_value().tolist()


if __name__ == "__main__":
    method = sys.argv[2]
    context = multiprocessing.get_context(method)
    f(np.ones(2))
    expected = call(pickle.loads(pickle.dumps(f)), np.ones(2))[1:]
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        for pid, *results in pool.map(call, [f] * 2, [np.ones(2)] * 2):
            assert pid != os.getpid()
            assert tuple(results) == expected, (results, expected)
        assert pool.submit(of_shared, (f, total)).result() == [4.0, 4.0]
    with context.Pool(1) as pool:
        _, first, second = pool.apply(inherited, (np.ones(2),))
        # a forked process has the state as it was, another makes the program's anew
        assert first[0] == ([3.0, 3.0] if method == "fork" else [1.0, 1.0]), first
    # what other processes do changes nothing here
    assert total.get_value().tolist() == [2.0, 2.0]
    assert call(f, np.ones(2))[1:] == expected
    print("fine")
"""


@pytest.mark.parametrize(
    "method",
    [pytest.param("fork", marks=needs_fork), "spawn", pytest.param("forkserver", marks=[needs_fork, pytest.mark.slow])],
)
def test_functions_in_pools_of_processes(run, method):
    """Functions go to other processes with their state: they give there what a copy would give here."""
    assert run(POOLS, method) == ["fine"]
