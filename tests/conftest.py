"""What every test runs under: flags that don't depend on the machine, a fresh compile cache, Hypothesis profiles."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Processes that tests start find the tests' modules. The folder comes last: what is installed is what is tested.
sys.path.append(str(Path(__file__).resolve().parents[1]))

# These are set before aesaralite is imported, and in the environment, so that the processes that tests start have them.
_IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
if not _IS_WORKER:
    _cache = tempfile.mkdtemp(prefix="aesaralite-tests-")
    _given = os.environ.get("AESARALITE_FLAGS")
    os.environ["AESARALITE_FLAGS"] = f"base_compiledir={_cache}" + (f",{_given}" if _given else "")
    os.environ["AESARALITERC"] = os.devnull
    os.environ.setdefault("MPLBACKEND", "Agg")

# A background job of a shell ignores Ctrl-C, which tests send to their own process.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile(
    "default", deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.register_profile("quick", settings.get_profile("default"), max_examples=20)
settings.register_profile("long", settings.get_profile("default"), max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests that are marked slow, too")


def pytest_configure(config: pytest.Config) -> None:
    # imported here, as the flags above must be set before aesaralite is
    from support.example_counts import ExampleCounts

    config.pluginmanager.register(ExampleCounts(), "example-counts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="slow: run with --slow")
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(skip)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _IS_WORKER:
        shutil.rmtree(_cache, ignore_errors=True)


@pytest.fixture(params=["py", "numba"])
def linker(request: pytest.FixtureRequest):
    """Run the test once with each linker as the default one; the value is its name."""
    from aesaralite import config

    with config.change_flags(linker=request.param):
        yield request.param
