"""Descriptions, HTML, and the Op that prints."""

import pickle
from html.parser import HTMLParser

import numpy as np
import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import function
from aesaralite.printing import Print, hex_digest, min_informative_str, render_html, var_descriptor


def test_min_informative_str():
    x = at.dscalar("x")
    y = at.exp(x)
    z = at.tanh(x)
    z.name = "z"
    assert min_informative_str((y + z) * y) == (
        "A. Elemwise{mul}\n B. Elemwise{add}\n  C. Elemwise{exp}\n   D. x\n  E. z\n <C>"
    )


def test_var_descriptor():
    x = at.dscalar("x")
    assert var_descriptor(at.exp(x) * x) == "A=Elemwise{mul}(B=Elemwise{exp}(C=x),<C>)"


@pytest.mark.parametrize("describe", [min_informative_str, var_descriptor])
def test_description_of_a_long_chain(describe):
    z = at.dscalar("x")
    for _ in range(2_000):
        z = at.exp(z)
    assert describe(z).count("exp") == 2_000


def test_hex_digest():
    digest = hex_digest(np.arange(3.0))
    assert digest.endswith("|strides=[8]|shape=[3]")
    assert digest == hex_digest(np.arange(3.0))
    assert digest != hex_digest(np.arange(3.0) + 1)
    assert hex_digest(np.zeros((2, 3))) != hex_digest(np.zeros((3, 2)))


class Balance(HTMLParser):
    """Checks that what is opened is closed, in order."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(html):
    parser = Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return "".join(parser.text)


def test_html_of_a_variable():
    x = at.dvector("x<y")
    html = at.exp(x)._repr_html_()
    assert "<script" not in html
    shown = parsed(html)
    assert "Elemwise{exp}" in shown
    assert "x<y" in shown


def test_html_of_a_function():
    x = at.dvector("x")
    f = function([x], at.exp(x), name="f", mode=aesaralite.Mode(linker="py"))
    shown = parsed(render_html(f))
    assert "inputs: x" in shown
    assert parsed(f._repr_html_()) == shown


def test_html_is_of_limited_size():
    z = at.dscalar("x")
    for _ in range(10_000):
        z = at.exp(z) * z
    html = render_html(z)
    parsed(html)
    assert len(html) < 500_000


def test_html_of_something_else():
    with pytest.raises(TypeError):
        render_html(3)


def test_print(capfd, linker):
    x = at.dvector("x")
    f = function([x], Print("x is", attrs=["shape", "__str__"])(x) * 2)
    np.testing.assert_array_equal(f([1.0, 2.0]), [2.0, 4.0])
    assert capfd.readouterr().out == "x is shape = (2,)\nx is __str__ = [1. 2.]\n"


def test_print_passes_gradients():
    x = at.dvector("x")
    gradient = aesaralite.grad((Print("x")(x) ** 2).sum(), x)
    np.testing.assert_array_equal(function([x], gradient)([1.0, 2.0]), [2.0, 4.0])


def test_print_is_a_value():
    assert Print("a") == Print("a")
    assert Print("a") != Print("b")
    assert pickle.loads(pickle.dumps(Print("a"))) == Print("a")
