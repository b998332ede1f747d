import pytest

from aesaralite import config


@pytest.fixture(params=["py", "numba"])
def linker(request: pytest.FixtureRequest):
    """Run the test once with each linker as the default one; the value is its name."""
    if request.param == "numba":
        pytest.importorskip("aesaralite_numba.program", reason="the Numba linker is not there")
    with config.change_flags(linker=request.param):
        yield request.param
