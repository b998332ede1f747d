"""Profiles of functions."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.mode import Mode
from aesaralite.compile.profiling import ProfileStats, print_global_stats


@pytest.fixture
def profiled():
    x = at.dvector("x")
    return aesaralite.function([x], at.exp(x).sum(), mode=Mode("py", None), profile=True, name="mine")


def test_calls_are_counted(profiled):
    assert profiled.profile.fct_callcount == 0
    profiled(np.ones(3))
    profiled([1, 2, 3])
    with pytest.raises(TypeError):
        profiled()
    assert profiled.profile.fct_callcount == 2
    assert profiled.profile.fct_call_time > 0


def test_compiling_is_timed_by_phase(profiled):
    phases = profiled.profile.phases
    assert list(phases)[-2:] == ["freezing", "linking"]
    assert "rewriting" in phases
    assert profiled.profile.compile_time == pytest.approx(sum(phases.values()))


def test_nodes_are_timed_on_the_python_linker(profiled):
    for _ in range(3):
        profiled(np.ones(3))
    assert profiled.profile.node_counts == {0: 3, 1: 3}
    out = io.StringIO()
    profiled.profile.summary(file=out)
    text = out.getvalue()
    for part in ("Function: mine", "3 calls", "linking", "Elemwise{exp}", "test_profiling.py"):
        assert part in text


def test_off_by_default():
    x = at.dscalar("x")
    assert aesaralite.function([x], x, mode="FAST_COMPILE").profile.stats is None
    assert aesaralite.function([x], x, mode="FAST_COMPILE", profile=False).profile.stats is None


def test_a_profile_may_be_shared_and_named():
    x = at.dscalar("x")
    stats = ProfileStats(name="both")
    for expression in (x, x + 1):
        aesaralite.function([x], expression, mode="FAST_COMPILE", profile=stats)(1)
    assert stats.fct_callcount == 2
    f = aesaralite.function([x], x, mode="FAST_COMPILE", profile="named")
    assert f.profile.name == "named"
    g = f.copy(profile=True, name="copy")
    g(1)
    assert (g.profile.fct_callcount, f.profile.fct_callcount, g.profile.name) == (1, 0, "copy")


def test_rewrites_are_traced_on_demand():
    x = at.dscalar("x")
    with config.change_flags(profile_optimizer=True):
        f = aesaralite.function([x], x * 1, mode="FAST_COMPILE", profile=True)
    assert f.profile.trace is not None
    assert "Rewrites" in f.profile.report()


def test_the_flag_prints_at_exit(tmp_path):
    program = (
        "import aesaralite, aesaralite.tensor as at\n"
        "x = at.dscalar('x')\n"
        "f = aesaralite.function([x], x + 1, mode='FAST_COMPILE', name='seen')\n"
        "f(1); f(2)\n"
    )
    target = tmp_path / "profile.txt"
    flags = f"profile=True,profile_destination={target}"
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "AESARALITE_FLAGS": flags})
    assert "Function: seen" in target.read_text()
    assert "2 calls" in target.read_text()


def test_global_stats():
    out = io.StringIO()
    print_global_stats(out)
    assert "functions" in out.getvalue()
