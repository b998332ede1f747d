"""The example that the README opens with."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")

from aesaralite.examples import digits


def test_both_linkers_learn_the_same(tmp_path, capsys):
    picture = tmp_path / "picture.png"
    py, numba = digits.main(["--steps", "200", "--out", str(picture)])
    np.testing.assert_allclose(py.weights, numba.weights, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(py.losses, numba.losses, rtol=1e-9)
    assert py.accuracy == numba.accuracy > 0.93
    assert numba.losses[-1] < 0.3 * numba.losses[0]
    assert picture.read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "held-out accuracy" in printed
    assert "The weights of py and numba differ by at most" in printed


def test_steps_are_checked(capsys):
    with pytest.raises(SystemExit):
        digits.main(["--steps", "0"])
    assert "--steps must be at least 1" in capsys.readouterr().err
