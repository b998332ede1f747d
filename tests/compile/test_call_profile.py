"""`f.profile(...)`: where the time goes, by step and by line, and that nothing changes."""

import gc
import warnings

import numpy as np
import pytest
from aesaralite_numba import loading
from support.pages import Page

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.linker import Linker, Program
from aesaralite.compile.mode import Mode
from aesaralite.compile.ops import as_op
from aesaralite.tensor.random.utils import RandomStream


def two_lines(linker):
    x = at.dmatrix("x")
    one = at.exp(x).sum(axis=0)  # the first line
    two = at.sort(one) * 2  # the second line
    return aesaralite.function([x], two, mode=Mode(linker), name="two lines")


def test_times_by_step(linker):
    profile = two_lines(linker).profile(np.ones((200, 300)), calls=7)
    assert profile.calls == 7
    assert profile.steps
    assert all(step.runs == 7 for step in profile.steps)
    assert all(step.seconds > 0 for step in profile.steps[:1])
    assert [step.seconds for step in profile.steps] == sorted((step.seconds for step in profile.steps), reverse=True)
    assert sum(step.seconds for step in profile.steps) + profile.rest == pytest.approx(profile.seconds, rel=0.01)
    assert sum(step.share for step in profile.steps) <= 1.01
    ops = {op for step in profile.steps for op in step.step.ops}
    assert any("Sum" in op for op in ops)
    assert any("SortOp" in op for op in ops)
    numbers = {step.number for step in profile.explanation.steps}
    assert {step.step.number for step in profile.steps} <= numbers


def test_rates(linker):
    profile = two_lines(linker).profile(np.ones((200, 300)), calls=3)
    found = next(step for step in profile.steps if any("exp" in op or "Sum" in op for op in step.step.ops))
    work = found.step.work
    assert found.bandwidth == pytest.approx((work.read.number + work.written.number) * 3 / found.seconds)
    assert found.speed == pytest.approx(work.operations.number * 3 / found.seconds)


def test_times_by_line(linker):
    profile = two_lines(linker).profile(np.ones((200, 300)), calls=3)
    by_source = {line.source.partition("#")[2].strip(): line for line in profile.lines}
    assert set(by_source) == {"the first line", "the second line"}
    assert all("test_call_profile.py" in line.where for line in profile.lines)
    assert sum(line.seconds for line in profile.lines) == pytest.approx(
        sum(step.seconds for step in profile.steps if step.step.lines), rel=1e-6
    )
    sorting = {step.step.number for step in profile.steps if any("SortOp" in op for op in step.step.ops)}
    assert sorting & set(by_source["the second line"].steps)


def test_until_time_is_up(linker):
    f = two_lines(linker)
    x = np.ones((20, 30))
    profile = f.profile(x, seconds=0.02)
    assert profile.calls > 1
    assert profile.seconds >= 0.02
    assert f.profile(x, seconds=60, calls=2).calls == 2
    assert f.profile(x, seconds=1e-9).calls == 1


@pytest.mark.parametrize("bad", [{"calls": 0}, {"calls": -1}, {"seconds": 0.0}, {"seconds": float("nan")}])
def test_no_calls(linker, bad):
    with pytest.raises(ValueError, match="must be positive"):
        two_lines(linker).profile(np.ones((2, 2)), **bad)


def test_nothing_changes(linker):
    x = at.dvector("x")
    s, stream = aesaralite.shared(np.zeros(3), name="s"), RandomStream(1)
    drawn = stream.normal(size=3)
    f = aesaralite.function([x], [drawn, s.sum()], updates=[(s, s + x)], mode=Mode(linker))
    other = aesaralite.function([x], [RandomStream(1).normal(size=3)], mode=Mode(linker), on_unused_input="ignore")
    value = np.ones(3)
    f.profile(value, calls=5)
    assert not s.get_value().any()
    assert (value == 1).all()
    np.testing.assert_array_equal(f(value)[0], other(value)[0])
    assert s.get_value().tolist() == [1, 1, 1]


def test_each_call_begins_with_the_state_of_now(linker):
    s = aesaralite.shared(np.ones(2), name="s")
    f = aesaralite.function([], [], updates=[(s, at.concatenate([s, s]))], mode=Mode(linker))
    profile = f.profile(calls=50)  # 2 to the 50th numbers otherwise
    assert profile.calls == 50
    assert s.get_value().shape == (2,)


def test_arguments_are_looked_at_as_in_a_call(linker):
    f = two_lines(linker)
    for bad in ((), (np.ones(3),), (1, 2)):
        with pytest.raises(TypeError):
            f.profile(*bad, calls=1)
    assert f.profile([[1, 2], [3, 4]], calls=1).calls == 1


def test_an_error_is_that_of_a_call(linker):
    x, y = at.dvectors("x", "y")
    f = aesaralite.function([x, y], x + y, mode=Mode(linker))
    with pytest.raises(ValueError, match=r"test_call_profile\.py"):
        f.profile(np.ones(2), np.ones(3), calls=1)


def test_shapes_that_take_another_variant(linker):
    x, y = at.dvectors("x", "y")
    f = aesaralite.function([x, y], at.exp(x) * y, mode=Mode(linker))
    profile = f.profile(np.ones(5), np.ones(1), calls=6)
    assert profile.steps
    assert all(step.runs == 6 for step in profile.steps)
    strided = f.profile(np.ones(10)[::2], np.ones(10)[::-2], calls=2)
    assert strided.steps


def test_calls_back_into_python(linker):
    @as_op([at.dvector], [at.dvector])
    def slow(value):
        return value * 3

    x = at.dvector("x")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f = aesaralite.function([x], slow(x) + 1, mode=Mode(linker))
        profile = f.profile([1.0], calls=4)
    assert any("slow" in step.step.headline for step in profile.steps)


def test_as_text_and_as_a_page(linker):
    profile = two_lines(linker).profile(np.ones((20, 30)), calls=3)
    text = str(profile)
    assert text.startswith("two lines: 3 calls in ")
    for step in profile.steps:
        assert f"{step.step.number}: {step.step.headline}" in text
    page = Page(profile.html())
    assert not page.open
    assert "script" not in page.tags
    assert profile._repr_html_() == profile.html()
    for line in profile.lines:
        assert line.where in text
        assert line.source in page.text
    assert "3 calls" in repr(profile)


def test_nothing_to_time(linker):
    profile = aesaralite.function([], [], mode=Mode(linker)).profile(calls=2)
    assert profile.steps == profile.lines == ()
    assert not Page(profile.html()).open
    assert "100" in str(profile)


def test_the_function_has_no_timers():
    f = two_lines("numba")
    program = f.maker.linked.program
    before = program.variant(program._preferred).artefact.code
    f.profile(np.ones((20, 30)), calls=1)
    assert program.variant(program._preferred).artefact.code is before
    assert "clock_gettime" not in before.symbols
    assert list(program._variants) == [program._preferred]


def test_code_with_timers_goes_with_the_profile():
    f = two_lines("numba")
    f(np.ones((2, 2)))
    gc.collect()
    units = len(loading._units)
    profile = f.profile(np.ones((20, 30)), calls=1)
    assert len(loading._units) == units
    assert profile.steps


class PlainLinker(Linker):
    """A linker whose programs have no timers."""

    name = "plain"

    def link(self, graph, plan):
        class PlainProgram(Program):
            def run(self, storage):
                return [storage[0][0] + 1]

            def report(self):
                return "plain"

        return PlainProgram()


def test_a_linker_without_timers():
    x = at.dvector("x")
    profile = aesaralite.function([x], x + 1, mode=Mode(PlainLinker())).profile([1.0], calls=3)
    assert (profile.calls, profile.steps) == (3, ())
    assert "doesn't time" in str(profile)
    assert "plain" in profile.html()


def test_what_was_asked_for_when_compiling(linker):
    x = at.dvector("x")
    plain = aesaralite.function([x], x + 1, mode=Mode(linker))
    assert not plain.profile
    assert plain.profile.stats is None
    with pytest.raises(AttributeError, match="compiled without profile=True"):
        plain.profile.fct_callcount  # noqa: B018
    f = aesaralite.function([x], x + 1, mode=Mode(linker), profile=True)
    f([1.0])
    f.profile([1.0], calls=5)
    assert f.profile
    assert f.profile.fct_callcount == f.profile.stats.fct_callcount == 1
