"""Benchmarks, against other libraries where they are installed: ``python -m tests.benchmarks``.

All contenders run on one thread: the libraries are told so before they start; XLA, which can't be told, sees one core.
"""

import os

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
