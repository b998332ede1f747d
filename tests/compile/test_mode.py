"""Modes: what is resolved when, and from where."""

import pytest

import aesaralite
import aesaralite.tensor as at
from aesaralite import config
from aesaralite.compile.linker import get_linker
from aesaralite.compile.mode import (
    FAST_COMPILE,
    FAST_RUN,
    NUMBA,
    Mode,
    get_default_mode,
    get_mode,
    optdb,
    predefined_modes,
    predefined_optimizers,
    register_linker,
    register_mode,
    register_optimizer,
)
from aesaralite.graph.rewriting.basic import EquilibriumGraphRewriter, graph_rewriter, node_rewriter
from aesaralite.rewriting.db import SequenceDB
from aesaralite.rewriting.query import RewriteDatabaseQuery


def linker_of(f):
    return f.maker.linker.name


class TestChoice:
    def test_names(self):
        assert get_mode("FAST_RUN") is FAST_RUN
        assert get_mode("FAST_COMPILE") is FAST_COMPILE
        assert get_mode("NUMBA") is NUMBA
        assert get_mode(FAST_RUN) is FAST_RUN
        assert (FAST_RUN.provided_linker, NUMBA.provided_linker, FAST_COMPILE.provided_linker) == (
            "numba",
            "numba",
            "py",
        )
        with pytest.raises(
            ValueError, match=r"No predefined mode exist for string: FOO. There are: Mode, FAST_COMPILE"
        ):
            get_mode("FOO")
        with pytest.raises(TypeError):
            get_mode(3)

    def test_flags_decide_when_the_function_is_made(self):
        x = at.dscalar("x")
        mode = Mode()
        with config.change_flags(linker="py", mode="Mode"):
            assert linker_of(aesaralite.function([x], x)) == "py"
            assert linker_of(aesaralite.function([x], x, mode=mode)) == "py"
            assert get_default_mode().linker is get_linker("py")
        with config.change_flags(linker="numba", mode="FAST_COMPILE"):
            assert linker_of(aesaralite.function([x], x)) == "py"
        with config.change_flags(linker="numba", mode="Mode"):
            assert linker_of(aesaralite.function([x], x, mode="FAST_COMPILE")) == "py"
            assert linker_of(aesaralite.function([x], x, mode=Mode(linker="py"))) == "py"
            assert linker_of(aesaralite.function([x], x, mode=Mode(linker=get_linker("py")))) == "py"

    def test_flags_of_the_rewrites(self):
        with config.change_flags(
            optimizer="fast_compile",
            optimizer_including="a:b",
            optimizer_excluding="c",
            optimizer_requiring="d",
        ):
            query = Mode("py").query
            assert {"fast_compile", "a", "b"} <= set(query.include)
            assert set(query.exclude) >= {"c"}
            assert set(query.require) == {"d"}
            assert not FAST_COMPILE.query.require
            assert Mode("py", None).query == RewriteDatabaseQuery(include=[])

    def test_names_of_linkers_elsewhere(self):
        x = at.dscalar("x")
        with pytest.warns(UserWarning, match="no linker 'vm_nogc' here; 'py' is used"):
            f = aesaralite.function([x], x, mode=Mode(linker="vm_nogc"))
        assert linker_of(f) == "py"

    def test_wrong_arguments(self):
        with pytest.raises(TypeError, match="name or a Linker"):
            Mode(linker=3)
        with pytest.raises(ValueError, match=r"There is no optimizer 'FOO'. There are: .*fast_run"):
            Mode(optimizer="FOO")


class TestChange:
    def test_tags(self):
        mode = Mode("py", "fast_compile")
        changed = mode.including("x").excluding("y").requiring("z")
        query = changed.query
        assert "x" in query.include
        assert "y" in query.exclude
        assert "z" in query.require
        assert "x" not in mode.query.include
        assert changed.provided_linker == "py"

    def test_registered_rewriters_run(self):
        seen = []

        @graph_rewriter
        def look(fgraph):
            seen.append(len(fgraph.apply_nodes))

        x = at.dscalar("x")
        mode = Mode("py", "fast_compile").register((look, 100.0))
        aesaralite.function([x], at.sin(x), mode=mode)
        assert len(seen) == 1

    def test_a_rewriter_in_place_of_a_choice(self):
        @node_rewriter([at.sin])
        def cosine(fgraph, node):
            return [at.cos(*node.inputs)]

        x = at.dscalar("x")
        mode = Mode("py", EquilibriumGraphRewriter([cosine], max_use_ratio=10))
        assert aesaralite.function([x], at.sin(x) + 0 * x, mode=mode)(0.0) == 1.0
        with pytest.raises(TypeError, match="can't be chosen by tags"):
            mode.including("fast_run")

    def test_a_rewriter_and_what_the_linker_needs(self, monkeypatch):
        ran = []
        db = SequenceDB()
        for name in ("first", "needed", "other"):
            db.register(name, graph_rewriter(lambda fgraph, name=name: ran.append(name)), position=1)
        monkeypatch.setattr(type(get_linker("py")), "required_tags", ("needed",))
        x = at.dscalar("x")
        aesaralite.function([x], at.sin(x), mode=Mode("py", db["first"], db=db))
        assert ran == ["first", "needed"]

    def test_clone_makes_a_linker_with_other_arguments(self):
        mode = Mode("py").clone(link_kwargs={"allow_gc": False})
        assert mode.linker.allow_gc is False
        assert mode.provided_optimizer == "default"
        assert Mode("py").clone(optimizer="merge").query == predefined_optimizers["merge"]

    def test_another_database(self):
        ran = []
        db = SequenceDB()

        @graph_rewriter
        def note(fgraph):
            ran.append(True)

        db.register("note", note, "fast_compile", position=1)
        x = at.dscalar("x")
        mode = Mode("py", "fast_compile", db=db)
        aesaralite.function([x], x + 1, mode=mode)
        aesaralite.function([x], x + 1, mode=mode.excluding("note"))
        assert ran == [True]
        assert mode.optdb is db
        assert Mode().optdb is optdb

    def test_text(self):
        assert str(Mode("py", "fast_run")) == "Mode(linker=py, optimizer=fast_run)"


class TestRegistration:
    def test_taken_names(self):
        with pytest.raises(ValueError, match="Mode name already taken: FAST_RUN"):
            register_mode("FAST_RUN", FAST_RUN)
        with pytest.raises(ValueError, match="Optimizer name already taken: fast_run"):
            register_optimizer("fast_run", RewriteDatabaseQuery(include=[]))
        with pytest.raises(ValueError, match="Linker name already taken: py"):
            register_linker("py", get_linker("py"))

    def test_new_names(self, monkeypatch):
        monkeypatch.setattr("aesaralite.compile.mode.predefined_modes", dict(predefined_modes))
        monkeypatch.setattr("aesaralite.compile.mode.predefined_optimizers", dict(predefined_optimizers))
        x = at.dscalar("x")
        register_optimizer("mine", RewriteDatabaseQuery(include=["merge"]))
        register_mode("MINE", Mode("py", "mine"))
        assert aesaralite.function([x], x + 1, mode="MINE")(1) == 2


def test_the_flag_takes_a_mode():
    x = at.dscalar("x")
    mode = Mode("py", None)
    with config.change_flags(mode=mode):
        assert get_default_mode() is mode
        assert aesaralite.function([x], x + 1).maker.mode is mode
        assert (x + 1).eval({x: 1}) == 2
    with pytest.raises(ValueError, match="flag 'mode' can't be 3"):
        config.mode = 3
    with config.change_flags(mode=object()), pytest.raises(TypeError, match="A mode is a name or a Mode"):
        aesaralite.function([x], x)
