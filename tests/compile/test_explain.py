"""`f.explain`: formats, files, the page of HTML, and linkers that tell little."""

import io
import re

import numpy as np
import pytest
from support.pages import Page

import aesaralite
import aesaralite.tensor as at
from aesaralite.compile.linker import Linker, Program
from aesaralite.compile.mode import Mode


def build(linker, name="f"):
    m, w = at.dmatrix("<m>"), aesaralite.shared(np.ones(30), name="w&w")
    outputs = [at.exp(m - m.max(axis=0)).sum(), at.dot(m, m.T).sum(axis=1) / (1 + m.mean())]
    return aesaralite.function([m], outputs, updates=[(w, w + m[:, 0])], mode=Mode(linker), name=name)


def test_a_page_shows_what_the_text_tells(linker):
    f = build(linker, "<f>")
    for args in ((), (np.ones((30, 40)),)):
        text = f.explain(*args)
        page = Page(f.explain(*args, format="html"))
        assert not page.open
        assert "<f>" in page.text
        assert "<m>" in page.text
        assert "w&w" in page.text
        assert "svg" in page.tags
        assert not page.tags & {"script", "link", "img", "iframe", "b"}
        headlines = dict(re.findall(r"^(\d+): (.*)", text, re.MULTILINE))
        assert headlines
        for number, headline in headlines.items():
            assert headline in page.text
            assert headline.startswith("check") or f"step-{number}" in page.ids
        assert {link[1:] for link in page.links - {None}} <= page.ids
        for line in re.findall(r"^    # at (.*)", text, re.MULTILINE):
            assert line in page.text
        assert "at.dot(m, m.T).sum(axis=1)" in page.text  # the user's source
        for reason in re.findall(r"are apart: (.*)", text):
            assert reason in page.text


def test_the_page_needs_nothing_else(linker):
    html = build(linker).explain(format="html")
    assert html.startswith("<!DOCTYPE html>")
    assert not re.search(r"https?://|src=|@import|url\((?!#)", html)


def test_numbers_on_the_page(linker):
    page = Page(build(linker).explain(np.ones((30, 40)), format="html"))
    assert "float64[30, 40]" in page.text
    assert re.search(r"A call has [\d,]+ bytes at a time", page.text)


def test_files(linker, tmp_path):
    f = build(linker)
    for format in ("text", "html"):
        expected = f.explain(format=format)
        path = tmp_path / format
        for file in (path, str(path)):
            path.unlink(missing_ok=True)
            assert f.explain(format=format, file=file) == expected
            assert path.read_text("utf-8") == expected
        stream = io.StringIO()
        f.explain(format=format, file=stream)
        assert stream.getvalue() == expected


def test_an_unknown_format_is_an_error(linker, tmp_path):
    with pytest.raises(ValueError, match=r"There is no format 'pdf'\. There are: 'text', 'html'"):
        build(linker).explain(format="pdf", file=tmp_path / "page")
    assert not list(tmp_path.iterdir())


def test_a_function_of_nothing(linker):
    f = aesaralite.function([], [], mode=Mode(linker))
    assert not Page(f.explain(format="html")).open


def test_a_long_program(linker):
    x = at.dvector("x")
    outputs = [x]
    for k in range(20):
        outputs.append(outputs[-1].sum() * k + x)
    page = Page(aesaralite.function([x], outputs[1:], mode=Mode(linker, None)).explain(format="html"))
    assert not page.open


class OnlyAText(Program):
    """What a linker had to give before programs described themselves."""

    def run(self, storage):
        return [storage[0][0] + 1]

    def report(self):
        return "one <more>"


class Mute(OnlyAText):
    report = Program.report


class OldLinker(Linker):
    name = "old"

    def __init__(self, program):
        self.program = program

    def link(self, graph, plan):
        return self.program()


def test_a_linker_that_gives_only_a_text():
    x = at.dvector("x")
    f = aesaralite.function([x], x + 1, mode=Mode(OldLinker(OnlyAText)))
    assert f.explain() == f.explain([1.0]) == "one <more>"
    page = Page(f.explain(format="html"))
    assert "one <more>" in page.text


def test_a_linker_that_gives_nothing():
    x = at.dvector("x")
    f = aesaralite.function([x], x + 1, mode=Mode(OldLinker(Mute)))
    assert f([1.0]).tolist() == [2]
    with pytest.raises(NotImplementedError, match="Mute has neither report nor describe"):
        f.explain()
