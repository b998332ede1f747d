import io

import pytest

from aesaralite.rewriting.base import GraphRewriter
from aesaralite.rewriting.db import EquilibriumDB, LocalGroupDB, ProxyDB, RewriteDatabase, SequenceDB, TopoDB
from aesaralite.rewriting.pattern import PatternNodeRewriter, SubstitutionNodeRewriter
from aesaralite.rewriting.query import RewriteDatabaseQuery
from tests.rewriting.toy import graph, inputs, op1, op2, op3, op4, text


class Nothing(GraphRewriter):
    def __init__(self, name=None):
        self.name = name

    def apply(self, fgraph):
        pass


def names(rewriters):
    return [rewriter.name for rewriter in rewriters]


def sequence(*entries):
    db = SequenceDB()
    for name, position, *tags in entries:
        db.register(name, Nothing(), *tags, position=position)
    return db


class TestDatabase:
    def test_tags(self):
        db = RewriteDatabase()
        db.register("a", Nothing(), "fast", "small")
        db.register("b", Nothing(), "fast")
        db.register("c", Nothing(), "slow")
        assert names(db.query("+fast")) == ["a", "b"]
        assert names(db.query("+fast", "+slow", "-small")) == ["b", "c"]
        assert names(db.query("+fast", "&small")) == ["a"]
        assert names(db.query("+c")) == ["c"]
        assert names(db.query("+Nothing")) == ["a", "b", "c"]
        assert db.query("+unknown") == []

    def test_contains_and_getitem(self):
        db = RewriteDatabase()
        a = db.register("a", Nothing(), "fast")
        db.register("b", Nothing(), "fast")
        assert "a" in db and "fast" in db and "c" not in db
        assert db["a"] is a
        with pytest.raises(KeyError, match="several"):
            db["fast"]
        with pytest.raises(KeyError, match="no rewrite 'c'"):
            db["c"]

    def test_changing_tags(self):
        db = RewriteDatabase()
        db.register("a", Nothing(), "fast")
        assert names(db.query("+fast")) == ["a"]
        db.remove_tags("a", "fast")
        assert db.query("+fast") == []
        db.add_tags("a", "slow")
        assert names(db.query("+slow")) == ["a"]
        db.unregister("a")
        assert db.query("+slow") == []

    def test_name_of_the_database_is_a_tag(self):
        outer, inner = RewriteDatabase(), RewriteDatabase()
        outer.register("inner", inner, "fast")
        inner.register("a", Nothing())
        inner.register("b", Nothing(), use_db_name_as_tag=False)
        assert names(inner.query("+inner")) == ["a"]

    def test_mistakes(self):
        db = RewriteDatabase()
        db.register("a", Nothing(), "fast")
        with pytest.raises(ValueError, match="already taken"):
            db.register("a", Nothing())
        with pytest.raises(ValueError, match="already used as a tag"):
            db.register("fast", Nothing())
        with pytest.raises(ValueError, match="name of another entry"):
            db.register("b", Nothing(), "a")
        with pytest.raises(TypeError, match="neither a Rewriter nor"):
            db.register("c", print)
        with pytest.raises(ValueError, match="must begin with"):
            db.query("fast")
        with pytest.raises(TypeError, match="not both"):
            db.query(RewriteDatabaseQuery(include=["fast"]), "+fast")


class TestQuery:
    def test_chaining_leaves_the_original(self):
        query = RewriteDatabaseQuery(include=["fast"])
        longer = query.including("slow").excluding("bad").requiring("good")
        assert list(query.include) == ["fast"]
        assert (list(longer.include), list(longer.exclude), list(longer.require)) == (
            ["fast", "slow"],
            ["bad"],
            ["good"],
        )
        assert query == RewriteDatabaseQuery(include=["fast"]) and query != longer

    def test_register(self):
        db = sequence(("a", 1, "fast"), ("b", 3, "fast"))
        extra = Nothing("extra")
        assert names(db.query(RewriteDatabaseQuery(["fast"]).register((extra, 2)))) == ["a", "extra", "b"]
        assert names(db.query(RewriteDatabaseQuery(["fast"]).register(extra))) == ["a", "b", "extra"]

    def test_subquery(self):
        db = SequenceDB()
        inner = EquilibriumDB()
        db.register("inner", inner, "fast", position=1)
        inner.register("x", SubstitutionNodeRewriter(op1, op2), "fast")
        inner.register("y", SubstitutionNodeRewriter(op2, op3), "slow")
        (plain,) = db.query("+fast")
        assert len(plain.get_node_rewriters()) == 1
        (chosen,) = db.query(RewriteDatabaseQuery(["fast"], subquery={"inner": RewriteDatabaseQuery(["fast", "slow"])}))
        assert len(chosen.get_node_rewriters()) == 2
        (chosen,) = db.query("+fast", inner=("+slow",))
        assert len(chosen.get_node_rewriters()) == 1


class TestSequenceDB:
    def test_positions(self):
        db = sequence(("b", 2.5, "t"), ("a", 1, "t"), ("c", "last", "t"))
        assert names(db.query("+t")) == ["a", "b", "c"]

    def test_cutoff(self):
        db = sequence(("a", 1, "t"), ("b", 2, "t"))
        assert names(db.query(RewriteDatabaseQuery(["t"], position_cutoff=2))) == ["a"]

    def test_bad_position(self):
        with pytest.raises(TypeError, match="number or 'last'"):
            sequence(("a", "first", "t"))

    def test_same_query_same_rewriter_until_something_changes(self):
        db = sequence(("a", 1, "t"))
        first = db.query("+t")
        assert db.query("+t") is first
        db.register("b", Nothing(), "t")
        assert names(db.query("+t")) == ["a", "b"]

    def test_print_summary(self):
        out = io.StringIO()
        sequence(("b", 2, "t"), ("a", 1, "t")).print_summary(out)
        assert out.getvalue().index("a:") < out.getvalue().index("b:")


class TestEquilibriumDB:
    def test_rewrites(self):
        db = EquilibriumDB()
        db.register("one", SubstitutionNodeRewriter(op1, op2), "t")
        db.register("two", SubstitutionNodeRewriter(op2, op3), "t")
        db.register("three", SubstitutionNodeRewriter(op3, op4), "other")
        (x,) = inputs("x")
        fgraph = graph([x], op1(x))
        db.query("+t").rewrite(fgraph)
        assert text(fgraph.outputs[0]) == "op3(x)"

    def test_final_and_cleanup(self):
        db = EquilibriumDB()
        final = db.register("final", Nothing(), "t", final_rewriter=True)
        cleanup = db.register("cleanup", Nothing(), "t", cleanup=True)
        made = db.query("+t")
        assert made.final_rewriters == [final] and made.cleanup_rewriters == [cleanup]
        assert made.global_rewriters == []
        with pytest.raises(ValueError, match="not both"):
            db.register("both", Nothing(), final_rewriter=True, cleanup=True)


def test_local_group_and_topo():
    group = LocalGroupDB()
    group.register("late", SubstitutionNodeRewriter(op1, op2), "t", position=2)
    group.register("early", PatternNodeRewriter((op1, "x"), (op3, "x")), "t", position=1)
    (x,) = inputs("x")
    fgraph = graph([x], op4(op1(x)))
    TopoDB(group).query("+t").rewrite(fgraph)
    assert text(fgraph.outputs[0]) == "op4(op3(x))"
    with pytest.raises(ValueError, match="in_to_out"):
        TopoDB(group, order="sideways")


def test_proxy():
    db = sequence(("a", 1, "t"))
    outer = SequenceDB()
    outer.register("again", ProxyDB(db), "t", position=1)
    assert names(outer.query("+t")[0]) == ["a"]
    with pytest.raises(TypeError, match="must be a RewriteDatabase"):
        ProxyDB(Nothing())
