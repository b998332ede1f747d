"""Let programs written for Aesara or Theano run unchanged: their imports find aesaralite.

>>> from aesaralite import compat
>>> compat.install("aesara")

After that ``import aesara.tensor as at`` gives `aesaralite.tensor`: the same module object, not a second copy.
``python -m aesaralite.compat aesara program.py`` runs a program so.

The environment variables ``AESARA_FLAGS`` and ``THEANO_FLAGS`` are read when their package is installed here, not
before.
Flags that ``AESARALITE_FLAGS``, the rc file or the program set keep their values.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import runpy
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from aesaralite.configdefaults import config
from aesaralite.configuration import parse_flags

__all__ = ["install", "uninstall"]

_FLAGS = {"aesara": "AESARA_FLAGS", "theano": "THEANO_FLAGS"}

_MOVED = {
    "aesara.graph.opt": "aesaralite.graph.rewriting.basic",
    "aesara.graph.opt_utils": "aesaralite.graph.rewriting.utils",
    "aesara.graph.optdb": "aesaralite.graph.rewriting.db",
    "theano.compile.function_module": "aesaralite.compile.function.types",
    "theano.gof": "aesaralite.graph",
    "theano.gof.fg": "aesaralite.graph.fg",
    "theano.gof.graph": "aesaralite.graph.basic",
    "theano.gof.op": "aesaralite.graph.op",
    "theano.gof.opt": "aesaralite.graph.rewriting.basic",
    "theano.gof.optdb": "aesaralite.graph.rewriting.db",
    "theano.gof.toolbox": "aesaralite.graph.features",
    "theano.gof.type": "aesaralite.graph.type",
    "theano.gof.utils": "aesaralite.graph.utils",
}
"""Modules that stand elsewhere than under the same path."""

_C_LINKERS = frozenset({"c", "c|py", "c|py_nogc", "c&py", "cvm", "cvm_nogc", "vm", "vm_nogc"})


class _AliasLoader(Loader):
    """Gives a module of ours for a spec of another name."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.target)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec  # the import system has put the alias's there


class _AliasFinder(MetaPathFinder):
    """Finds ``package`` and everything in it among aesaralite's modules."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != self.package:
            return None
        ours = _MOVED.get(fullname, f"aesaralite{fullname.removeprefix(self.package)}")
        found = importlib.util.find_spec(ours)
        if found is None:
            raise ModuleNotFoundError(f"aesaralite has no module {ours!r} to stand for {fullname!r}.", name=fullname)
        return ModuleSpec(fullname, _AliasLoader(ours), is_package=found.submodule_search_locations is not None)


def install(package: str) -> None:
    """Make imports of `package` find aesaralite, until `uninstall`.

    Parameters
    ----------
    package
        ``"aesara"`` or ``"theano"``.

    Raises
    ------
    ValueError
        For another name.
    RuntimeError
        When the real package has been imported already; two libraries would mix their objects.

    Notes
    -----
    Installing twice is the same as installing once.
    """
    if package not in _FLAGS:
        raise ValueError(f"Only {' and '.join(map(repr, _FLAGS))} can be stood in for, not {package!r}.")
    if _finder(package) is not None:
        return
    if package in sys.modules:
        raise RuntimeError(
            f"The package {package!r} has been imported already. Call aesaralite.compat.install({package!r}) "
            "before the first import of it."
        )
    _read_flags(_FLAGS[package])
    sys.meta_path.insert(0, _AliasFinder(package))
    importlib.invalidate_caches()


def uninstall(package: str) -> None:
    """Undo `install`. Modules that were imported meanwhile stay usable under the names they were bound to."""
    finder = _finder(package)
    if finder is None:
        return
    sys.meta_path.remove(finder)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def _finder(package: str) -> _AliasFinder | None:
    return next((f for f in sys.meta_path if isinstance(f, _AliasFinder) and f.package == package), None)


def _read_flags(variable: str) -> None:
    values = parse_flags(os.environ.get(variable, ""), variable)
    if values.get("linker") in _C_LINKERS:
        linker = values.pop("linker")
        warnings.warn(
            f"{variable}: there is no linker {linker!r} here; {config.linker!r} stays the default.", stacklevel=3
        )
    config.read_flags(values, source=variable)


def _main(arguments: list[str]) -> None:
    if len(arguments) < 2:
        raise SystemExit("usage: python -m aesaralite.compat {aesara|theano} PROGRAM [ARGUMENT ...]")
    package, program, *rest = arguments
    install(package)
    sys.argv = [program, *rest]
    sys.path.insert(0, os.path.dirname(os.path.abspath(program)))
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    _main(sys.argv[1:])
