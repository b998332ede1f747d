"""NanGuardMode: which values are errors, where, and what is done about them."""

import logging
import pickle

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.mode import get_mode
from aesaralite.compile.nanguardmode import NanGuardMode, contains_big, contains_inf, contains_nan

NODE_LINKERS = pytest.mark.parametrize("linker", [None, "numba"])


@pytest.mark.parametrize(
    ("value", "nan", "inf", "big"),
    [
        ([1.0, np.nan], True, False, False),
        ([1.0, -np.inf], False, True, True),
        ([1.0, -1e11], False, False, True),
        ([1.0, 1e9], False, False, False),
        (np.array([complex(1, np.inf)]), False, True, True),
        (np.float32("nan"), True, False, False),
        (np.array([2**62]), False, False, False),
        (np.zeros((0, 3)), False, False, False),
        (np.random.default_rng(1), False, False, False),
        (None, False, False, False),
    ],
)
def test_what_a_value_contains(value, nan, inf, big):
    value = np.array(value) if isinstance(value, list) else value
    assert (contains_nan(value), contains_inf(value), contains_big(value)) == (nan, inf, big)


@NODE_LINKERS
def test_each_kind_is_an_error_where_it_appears(linker):
    x = at.dvector("x")
    f = aesaralite.function([x], at.log(x) * 3, mode=NanGuardMode(True, True, True, linker=linker))
    np.testing.assert_allclose(f([1.0, np.e]), [0.0, 3.0])
    with pytest.raises(AssertionError, match="NaN detected in the output of a node") as caught:
        f([1.0, -1.0])
    assert "Elemwise{log}" in str(caught.value) and "test_nanguardmode.py" in str(caught.value)
    assert "1 NaN, the first at (1,)" in str(caught.value)
    with pytest.raises(AssertionError, match="Inf detected"):
        f([0.0])
    with pytest.raises(AssertionError, match=r"Big value detected in an input of the function\nThe variable x"):
        f([1e11])


@NODE_LINKERS
def test_only_what_is_asked_for_is_an_error(linker):
    x = at.dvector("x")
    y = at.log(x)
    f = aesaralite.function([x], y, mode=NanGuardMode(True, False, False, linker=linker))
    assert f([0.0]) == [-np.inf]
    f = aesaralite.function([x], y, mode=NanGuardMode(False, True, False, linker=linker))
    with np.errstate(invalid="ignore"):
        assert np.isnan(f([-1.0]))
    f = aesaralite.function([x], y, mode=NanGuardMode(nan_is_error=True, inf_is_error=True, big_is_error=False))
    assert f([1e300]) > 0


def test_state_and_constants_are_looked_at_and_state_stays():
    s = aesaralite.shared(np.array([1.0]), name="s")
    x = at.dvector("x")
    f = aesaralite.function([x], x, updates=[(s, at.sqrt(s - x))], mode="NanGuardMode")
    f([1.0])
    assert s.get_value() == [0.0]
    with pytest.raises(AssertionError, match="NaN detected"):
        f([1.0])
    assert s.get_value() == [0.0]
    s.set_value([np.nan])
    with pytest.raises(AssertionError, match=r"in an input of the function\nThe variable s"):
        f([1.0])
    g = aesaralite.function([x], at.switch(x > 0, x, -np.inf), mode="NanGuardMode")
    with pytest.raises(AssertionError, match="in a constant"):
        g([1.0])


def test_flags_decide_when_a_function_is_compiled():
    x = at.dvector("x")
    with config.change_flags(NanGuardMode__inf_is_error=False, NanGuardMode__big_is_error=False):
        f = aesaralite.function([x], x * 2, mode="NanGuardMode")
        g = aesaralite.function([x], x * 2, mode=NanGuardMode(inf_is_error=True))
    assert f([np.inf]) == [np.inf]
    with pytest.raises(AssertionError, match="Inf detected"):
        g([np.inf])


def test_the_action_may_be_an_entry_in_the_log(caplog):
    x = at.dvector("x")
    f = aesaralite.function([x], at.log(x), mode="NanGuardMode")
    with (
        config.change_flags(NanGuardMode__action="warn"),
        caplog.at_level(logging.ERROR),
        np.errstate(invalid="ignore"),
    ):
        assert np.isnan(f([-1.0]))
    assert "NaN detected in the output of a node" in caplog.text
    assert caplog.records[0].name == "aesaralite.compile.nanguardmode"


def test_the_action_may_be_the_debugger(monkeypatch):
    stops = []
    monkeypatch.setattr("sys.breakpointhook", lambda: stops.append(1))
    x = at.dvector("x")
    f = aesaralite.function([x], at.exp(x), mode="NanGuardMode")
    with config.change_flags(NanGuardMode__action="pdb"):
        f([np.nan])
    assert len(stops) == 2


def test_modes():
    assert isinstance(get_mode("NanGuardMode"), NanGuardMode)
    with pytest.raises(ValueError, match="something to look for"):
        NanGuardMode(False, False, False)
    mode = NanGuardMode(True, False, False, linker="numba")
    other = mode.excluding("fusion")
    assert (other._errors, other.provided_linker) == (mode._errors, "numba")
    assert mode.clone(inf_is_error=True)._errors == (True, True, False)


def test_pickled_functions_still_look():
    x = at.dvector("x")
    f = pickle.loads(pickle.dumps(aesaralite.function([x], at.log(x), mode="NanGuardMode")))
    with pytest.raises(AssertionError, match="NaN detected"), np.errstate(invalid="ignore"):
        f([-1.0])
