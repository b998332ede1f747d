"""Library routines that programs call: how each is emitted, and where its code is found.

The code of BLAS, LAPACK and special functions is SciPy's (``cython_blas`` and ``cython_lapack`` of ``scipy.linalg``,
``scipy.special.cython_special``), under symbol names of ours, so that cached object code finds it again in another
process.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import os
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

from .generators import GENERATOR_CLASS, STEP_PREFIX, check_layout, step_function
from .numpy_code import LOOP_PREFIX, RANDOM_PREFIX, loop_words, random_function
from .symbols import BLAS_PREFIX, LAPACK_PREFIX, SCIPY_PREFIX

_registered: set[str] = set()


def register_symbols(names: Iterable[str]) -> None:
    """Make the library functions of those names known to the machine-code linker; others are left to it."""
    import llvmlite.binding as llvm

    for name in names:
        if name in _registered:
            continue
        if name.startswith(BLAS_PREFIX):
            module = _load_extension("scipy.linalg", "cython_blas")
            address = _capsule_address(module, name.removeprefix(BLAS_PREFIX))
        elif name.startswith(LAPACK_PREFIX):
            module = _load_extension("scipy.linalg", "cython_lapack")
            address = _capsule_address(module, name.removeprefix(LAPACK_PREFIX))
        elif name.startswith(SCIPY_PREFIX):
            module = _load_extension("scipy.special", "cython_special")
            address = _capsule_address(module, _double_name(module, name.removeprefix(SCIPY_PREFIX)))
        elif name.startswith(STEP_PREFIX):
            check_layout()
            address = step_function(name)
        elif name == GENERATOR_CLASS:
            address = id(np.random.Generator)
        elif name.startswith(RANDOM_PREFIX):
            address = random_function(name.removeprefix(RANDOM_PREFIX))
        elif name.startswith(LOOP_PREFIX):
            address = loop_words(name.removeprefix(LOOP_PREFIX))
        else:
            continue
        llvm.add_symbol(name, address)
        _registered.add(name)


_extensions: dict[str, ModuleType] = {}


def _load_extension(package: str, name: str) -> ModuleType:
    """The extension module, without the package around it where that works: 20 ms instead of 140 ms."""
    full_name = f"{package}.{name}"
    known = _extensions.get(full_name)
    if known is not None:
        return known
    module = None
    if name in ("cython_blas", "cython_lapack"):
        module = _load_alone(full_name, package.split("."), name)
    if module is None:
        module = importlib.import_module(full_name)
    _extensions[full_name] = module
    return module


def _load_alone(full_name: str, packages: list[str], name: str) -> ModuleType | None:
    root = importlib.util.find_spec(packages[0])
    if root is None or not root.submodule_search_locations:
        return None
    folders = [os.path.join(folder, *packages[1:]) for folder in root.submodule_search_locations]
    found = importlib.machinery.PathFinder.find_spec(name, folders)
    if found is None or found.origin is None:
        return None
    loader = importlib.machinery.ExtensionFileLoader(full_name, found.origin)
    spec = importlib.util.spec_from_loader(full_name, loader)
    if spec is None:
        return None
    try:
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    except ImportError:
        return None
    return module if hasattr(module, "__pyx_capi__") else None


def _double_name(module: ModuleType, name: str) -> str:
    """How Cython calls the variant of a function that takes and gives float64."""
    for key, capsule in module.__pyx_capi__.items():
        base = key.removeprefix("__pyx_fuse_")
        if base is not key:
            base = base.lstrip("0123456789_")
        if base == name and _signature(capsule).startswith("double (double"):
            return key
    raise ImportError(f"scipy.special.cython_special has no {name} of float64")


def _signature(capsule: Any) -> str:
    get_name = ctypes.pythonapi.PyCapsule_GetName
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    return get_name(capsule).decode()


def _capsule_address(module: ModuleType, name: str) -> int:
    capsule: Any = module.__pyx_capi__.get(name)
    if capsule is None:
        raise ImportError(f"{module.__name__} has no {name}")
    get_pointer: Any = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return get_pointer(capsule, _signature(capsule).encode())
