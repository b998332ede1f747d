"""The flags of aesaralite, and `config`, which holds their values.

Add a flag here; `aesaralite.configuration` says how flags are set.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from aesaralite.configuration import Config, choice, flag, ignored, named, path, toggle

__all__ = ["AesaraliteConfig", "config"]


def _cache_folder() -> str:
    """Where the user's system keeps what can be made again."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or "~/AppData/Local"
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # the standard says that it doesn't count then
            base = "~/.cache"
    return os.path.expanduser(os.path.join(base, "aesaralite"))


class AesaraliteConfig(Config):
    """The flags; ``print(config)`` shows each with its value and its source."""

    aliases = {
        "compiledir": "base_compiledir",
        "numba__cache_dir": "base_compiledir",
        "profiling__destination": "profile_destination",
    }

    # Dtypes
    floatX: str = choice("float64", "float32", "float16", doc="The dtype of bare floats.")
    warn_float64: str = choice(
        "ignore", "warn", "raise", "pdb", doc="What to do when a tensor variable of dtype float64 is made."
    )
    tensor__cmp_sloppy: int = flag(0, "How loosely `values_eq_approx` compares floats: 0, 1 or 2.", int)

    # Compiling
    mode: Any = named(
        "Mode", "The default mode, by name or as a Mode; 'Mode' is the one made of the flags linker and optimizer."
    )
    linker: str = flag("numba", "The default linker: 'numba', 'py', or one that a plug-in brings.")
    optimizer: str = choice(
        "o4", "o3", "o2", "o1", "fast_run", "fast_compile", "merge", "unsafe", "None", doc="The default rewrites."
    )
    optimizer_excluding: str = flag("", "Tags of rewrites that the default mode leaves out: 'fusion:inplace'.")
    optimizer_including: str = flag("", "Tags of rewrites that the default mode adds.")
    optimizer_requiring: str = flag("", "Tags that every rewrite of the default mode must have.")
    optimizer_verbose: bool = toggle(False, "Print each rewrite as it's applied.")
    on_opt_error: str = choice("warn", "raise", "ignore", "pdb", doc="What to do when a rewrite raises an exception.")
    optdb__max_use_ratio: float = flag(
        8.0, "How many times, per node, one rewrite may be applied before it's stopped with an error.", float
    )
    optdb__position_cutoff: float = flag(float("inf"), "Leave out the phases that stand after this position.", float)
    on_unused_input: str = choice("raise", "warn", "ignore", doc="What `function` does with a useless input.")
    on_shape_error: str = choice(
        "warn", "raise", doc="What to do when an `infer_shape` raises: 'warn' computes the Op for its shape."
    )
    allow_gc: bool = toggle(True, "The Python linker drops each intermediate value after its last use.")
    base_compiledir: str = path(_cache_folder(), "The folder of the cache of compiled code.")
    compile_cache_limit: int | None = flag(
        256,
        "Megabytes that the cache of compiled code may take: what was used longest ago is removed. None: no limit.",
        int,
        optional=True,
        minimum=0,
    )
    unpickle_function: bool = toggle(True, "Unpickling a function compiles it; otherwise gives None.")
    check_stack_trace: str = choice(
        "off", "log", "warn", "raise", doc="What to do when a rewrite loses the user's line."
    )

    # The Numba linker
    numba__strict: bool = toggle(False, "An Op without machine code is an error, not a call back into Python.")
    numba__cache: bool = toggle(True, "Keep compiled code on disk.")
    numba__parallel: bool = toggle(False, "Large kernels are done by several threads.")
    numba__threads: int | None = flag(
        None, "How many threads do a large kernel if numba__parallel is on. None: one a processor.", int, True, 1
    )
    numba__fastmath: bool = toggle(True, "Let reductions reorder their additions. NaN and infinity keep their meaning.")

    # Errors and test values
    exception_verbosity: str = choice("low", "high", doc="How much of the graph a run-time error shows.")
    compute_test_value: str = choice(
        "off", "ignore", "warn", "raise", "pdb", doc="Compute each new variable from the test values of its inputs."
    )
    compute_test_value_opt: str = choice(
        "off", "ignore", "warn", "raise", "pdb", doc="Compute test values while rewriting, too."
    )

    # Profiles
    profile: bool = toggle(False, "Time every function: compiling, its rewrites and its calls.")
    profile_optimizer: bool = toggle(False, "Time each rewrite of a profiled function.")
    profile_destination: str = flag("stderr", "Where profiles go at exit: 'stderr', 'stdout', or a file's path.")

    # Debugging modes
    NanGuardMode__action: str = choice("raise", "warn", "pdb", doc="What NanGuardMode does with what it finds.")
    NanGuardMode__nan_is_error: bool = toggle(True, "NanGuardMode looks for NaN, unless it's told otherwise.")
    NanGuardMode__inf_is_error: bool = toggle(True, "NanGuardMode looks for infinities, unless it's told otherwise.")
    NanGuardMode__big_is_error: bool = toggle(
        True, "NanGuardMode looks for numbers beyond 1e10, unless it's told otherwise."
    )
    DebugMode__patience: int = flag(
        2, "How many times DebugMode rewrites a graph, to see that it becomes the same each time.", int
    )
    DebugMode__check_c: bool = toggle(True, "DebugMode compares with the linker of the flag linker, if that compiles.")
    DebugMode__check_finite: bool = toggle(True, "A NaN or an infinity is an error in DebugMode.")

    # Flags that have no meaning here: of the C backend, of devices, of libraries and modes that don't exist
    DebugMode__check_preallocated_output: object = ignored()
    DebugMode__check_preallocated_output_ndim: object = ignored(4)
    DebugMode__check_py: object = ignored(True)
    DebugMode__check_strides: object = ignored(0)
    DebugMode__warn_input_not_reused: object = ignored(True)
    assert_no_cpu_op: object = ignored("ignore")
    blas__check_openmp: object = ignored(True)
    blas__ldflags: object = ignored()
    cast_policy: object = ignored("custom")
    check_input: object = ignored(True)
    cmodule__age_thresh_use: object = ignored(2073600)
    cmodule__compilation_warning: object = ignored(False)
    cmodule__debug: object = ignored(False)
    cmodule__mac_framework_link: object = ignored(False)
    cmodule__preload_cache: object = ignored(False)
    cmodule__remove_gxx_opt: object = ignored(False)
    cmodule__warn_no_version: object = ignored(False)
    compile__timeout: object = ignored(24)
    compile__wait: object = ignored(5)
    compiledir_format: object = ignored()
    conv__assert_shape: object = ignored(False)
    contexts: object = ignored()
    ctc__root: object = ignored()
    cuda__root: object = ignored()
    cxx: object = ignored()
    cycle_detection: object = ignored("regular")
    deterministic: object = ignored("default")
    device: object = ignored("cpu")
    dnn__enabled: object = ignored()
    dnn__conv__algo_fwd: object = ignored()
    dnn__conv__algo_bwd_data: object = ignored()
    dnn__conv__algo_bwd_filter: object = ignored()
    experimental__local_alloc_elemwise: object = ignored(True)
    experimental__local_alloc_elemwise_assert: object = ignored(True)
    force_device: object = ignored(False)
    gcc__cxxflags: object = ignored()
    gpuarray__preallocate: object = ignored(0)
    init_gpu_device: object = ignored()
    lib__amblibm: object = ignored(False)
    lib__amdlibm: object = ignored(False)
    lib__cnmem: object = ignored(0)
    nocleanup: object = ignored(False)
    numba__vectorize_target: object = ignored("cpu")
    nvcc__fastmath: object = ignored(False)
    nvcc__flags: object = ignored()
    openmp: object = ignored(False)
    openmp_elemwise_minsize: object = ignored(200000)
    pickle_test_value: object = ignored(True)
    print_test_value: object = ignored(False)
    reoptimize_unpickled_function: object = ignored(False)
    scan__allow_gc: object = ignored(False)
    scan__allow_output_prealloc: object = ignored(True)
    tensor__insert_inplace_optimizer_validate_nb: object = ignored(-1)
    traceback__compile_limit: object = ignored(0)
    traceback__limit: object = ignored(8)
    unittests__rseed: object = ignored("666")
    vm__lazy: object = ignored("None")
    warn__ignore_bug_before: object = ignored("None")
    warn__round: object = ignored(False)


config = AesaraliteConfig(
    environment=os.environ.get("AESARALITE_FLAGS", ""),
    rc_file=os.environ.get("AESARALITERC", os.path.expanduser("~/.aesaraliterc")),
)
