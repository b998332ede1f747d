"""Compiled code on disk."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from aesaralite_numba import build as build_module
from aesaralite_numba import cache, library, loading, numpy_code
from aesaralite_numba.lower import random_scipy
from aesaralite_numba.numpy_code import LOOP_PREFIX
from support.numba_programs import link

import aesaralite.tensor as at
from aesaralite.configdefaults import config
from aesaralite.tensor.random.type import random_generator_type

_serial = iter(range(10**6))


def graph():
    """A graph that no other test has compiled."""
    x = at.dvector("x")
    return [x], [x * (np.pi + next(_serial))]


@pytest.fixture
def folder(tmp_path):
    with config.change_flags(numba__cache_dir=str(tmp_path)):
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


@pytest.mark.parametrize("damage", [b"", b"nonsense", None, "half"])
def test_a_damaged_file_costs_a_compilation(folder, builds, damage):
    inputs, outputs = graph()
    link(inputs, outputs)
    (path,) = files(folder)
    good = path.read_bytes()
    if damage == "half":
        path.write_bytes(good[: len(good) // 2])
    elif damage is None:
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    else:
        path.write_bytes(damage)
    loading._loaded.clear()
    assert link(inputs, outputs).bind([])(np.zeros(2)).sum() == 0
    assert len(builds) == 2
    assert path.read_bytes()[:18] == good[:18]


def test_a_foreign_object_in_a_file(folder, builds):
    inputs, outputs = graph()
    link(inputs, outputs)
    cache.save(builds[0], {"not": "an artefact"})
    link(inputs, outputs)
    assert len(builds) == 2


def test_a_folder_that_cannot_be_written(tmp_path, builds):
    inputs, outputs = graph()
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with config.change_flags(numba__cache_dir=str(blocked)):
        assert link(inputs, outputs).bind([])(np.zeros(2)).sum() == 0
    assert blocked.read_text() == "no folder"
    assert len(builds) == 1


def test_without_the_cache_nothing_is_written(folder, builds):
    inputs, outputs = graph()
    with config.change_flags(numba__cache=False):
        link(inputs, outputs)
    assert files(folder) == []


def test_the_key_depends_on_the_environment(monkeypatch):
    first = cache.key("graph")
    assert first == cache.key("graph")
    assert first != cache.key("another")
    monkeypatch.setattr(cache, "environment", lambda: "another machine")
    assert first != cache.key("graph")


def test_large_constants_and_libraries_in_another_process(folder):
    root = pathlib.Path(__file__).parents[3]
    program = (
        "import numpy as np, aesaralite.tensor as at, sys\n"
        "from aesaralite.configdefaults import config\n"
        f"config.numba__cache_dir = {str(folder)!r}\n"
        "from support.numba_programs import link\n"
        "x = at.dvector('x')\n"
        "big = np.arange(90000.).reshape(300, 300)\n"
        "f = link([x], [at.dot(big, x), at.gammaln(x + 1)]).bind([])\n"
        "a, b = f(np.ones(300))\n"
        "assert np.allclose(a, big.sum(axis=1)) and abs(b).max() < 1e-12\n"
        "assert 'numba' not in sys.modules\n"
    )
    paths = [str(root / "tests"), str(root), str(root / "linkers")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert len(files(folder)) == 1
