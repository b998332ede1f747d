"""What programs of the Numba linker ask of the allocator, seen through hooks in the place of malloc and its kin."""

import ctypes
from contextlib import contextmanager

import llvmlite.binding as llvm
from aesaralite_numba import machine

_libc = ctypes.CDLL(None)
_libc.malloc.restype, _libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
_libc.free.restype, _libc.free.argtypes = None, [ctypes.c_void_p]
_libc.posix_memalign.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t, ctypes.c_size_t]


class Allocations:
    """Bytes in use, and the most there were, of memory that programs took while they were watched."""

    def __init__(self):
        self.sizes = {}
        self.now = self.peak = 0

    def took(self, address, size):
        self.sizes[address] = size
        self.now += size
        self.peak = max(self.peak, self.now)

    def gave(self, address):
        self.now -= self.sizes.pop(address, 0)


_watching = Allocations()


@ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_size_t)
def _malloc(size):
    address = _libc.malloc(size)
    _watching.took(address, size)
    return address


@ctypes.CFUNCTYPE(None, ctypes.c_void_p)
def _free(address):
    _watching.gave(address)
    _libc.free(address)


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.c_size_t, ctypes.c_size_t)
def _posix_memalign(place, alignment, size):
    status = _libc.posix_memalign(place, alignment, size)
    _watching.took(place[0], size)
    return status


_HOOKS = {"malloc": _malloc, "free": _free, "posix_memalign": _posix_memalign}


@contextmanager
def hooked():
    """Programs that are loaded in the block use the hooks, for as long as they live."""
    machine.processor()  # LLVM is at work
    for name, hook in _HOOKS.items():
        llvm.add_symbol(name, ctypes.cast(hook, ctypes.c_void_p).value)
    try:
        yield
    finally:
        for name in _HOOKS:
            llvm.add_symbol(name, ctypes.cast(getattr(_libc, name), ctypes.c_void_p).value)


@contextmanager
def counted():
    """Counts what programs with hooks allocate in the block."""
    _watching.__init__()
    yield _watching
