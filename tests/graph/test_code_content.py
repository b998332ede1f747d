"""Digests of code: the same in every process, others after a change."""

import functools
import subprocess
import sys
import types
from abc import ABC

import pytest

from aesaralite.graph.code_content import function_digest, module_digest

NAME = "code_content_of_a_user"
SOURCE = """
from functools import cache, partial, wraps
import math

FACTOR = 2.0
NAMES = ("a", ("b", 3))

def keep(function):
    @wraps(function)
    def inner(*args):
        return function(*args)
    return inner

def helper(x, *, times=4):
    return [math.sqrt(x) in {"p", "q", "r"} for _ in range(times)]

@cache
def cached(x):
    return x + 5

@keep
def kept(x):
    return x + 6

bound = partial(lambda x: x + 7, 1)

class Base:
    scale = 8

    def method(self):
        def inner():
            return 9
        return inner

    @staticmethod
    def static():
        return 10

    @classmethod
    def of_class(cls):
        return 11

    @property
    def read(self):
        return 12

    class Nested:
        def method(self):
            return 13

class Derived(Base):
    pass
"""


@pytest.fixture
def digest(monkeypatch):
    """Gives the digest of a module with that source."""

    def digest(source, **names):
        module = types.ModuleType(NAME)
        monkeypatch.setitem(sys.modules, NAME, module)
        vars(module).update(names)
        exec(compile(source, f"<{len(source)} characters>", "exec"), vars(module))
        return module_digest(NAME)

    return digest


@pytest.mark.parametrize(
    "change",
    [
        *((f"{k}", f"{k}0") for k in (5, 6, 7, 8, 9, 10, 11, 12, 13)),
        ("2.0", "2.5"),
        ('("b", 3)', '("b", 3.0)'),
        ("times=4", "times=5"),
        ("math.sqrt", "math.exp"),
        ('"q"', '"s"'),
        ("Derived(Base)", "Derived"),
    ],
    ids=" to ".join,
)
def test_a_change_changes_the_digest(digest, change):
    before = digest(SOURCE)
    assert change[0] in SOURCE
    assert digest(SOURCE.replace(*change)) != before
    assert digest(SOURCE) == before


def test_what_does_not_matter(digest):
    assert digest(SOURCE) == digest("\n\n" + SOURCE.replace("import math", "import math  # for the root"))


def test_names_of_other_modules_do_not_count(digest):
    assert digest(SOURCE) == digest(SOURCE, numbers=types.ModuleType("numbers"), Other=ABC, reduce=functools.reduce)


def test_values_that_defend_themselves(digest):
    class Proxy:
        def __getattribute__(self, name):
            raise RuntimeError(name)

    assert digest(SOURCE, proxy=Proxy()) == digest(SOURCE)


def test_a_function_that_is_changed_in_place(digest):
    before = digest(SOURCE)
    module = sys.modules[NAME]
    module.helper.__code__ = module.kept.__wrapped__.__code__
    assert module_digest(NAME) != before


def test_a_module_that_is_gone():
    assert module_digest("there is no such module") == b""


def test_functions():
    def of(source):
        names = {"__name__": NAME}
        exec(source, names)
        return function_digest(names["f"])

    first = of("def f(x, y=1): return x * 2")
    assert first == of("def f(x, y=1):\n    return x * 2")
    others = ["def f(x, y=1): return x * 3", "def f(x, y=2): return x * 2", "def f(x, *, y=1): return x * 2"]
    assert len({first, *map(of, others)}) == 4


def test_the_digest_is_the_same_in_every_process():
    program = (
        "import sys, types\n"
        "from aesaralite.graph.code_content import module_digest\n"
        f"module = sys.modules[{NAME!r}] = types.ModuleType({NAME!r})\n"
        f"exec({SOURCE!r}, vars(module))\n"
        f"print(module_digest({NAME!r}).hex())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
