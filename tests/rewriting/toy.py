"""A type and Ops without any meaning, to test rewriting with."""

from aesaralite.graph.basic import Apply, Variable
from aesaralite.graph.fg import FunctionGraph
from aesaralite.graph.op import Op
from aesaralite.graph.type import Type


class MyType(Type):
    __props__ = ("number",)

    def __init__(self, number=1):
        self.number = number

    def filter(self, data, strict=False, allow_downcast=None):
        return data


class MyOp(Op):
    __props__ = ("name",)

    def __init__(self, name, n_outputs=1, out_type=None):
        self.name = name
        self.n_outputs = n_outputs
        self.out_type = out_type

    def make_node(self, *inputs):
        inputs = [i if isinstance(i, Variable) else MyType().make_constant(i) for i in inputs]
        out_type = self.out_type or MyType()
        return Apply(self, inputs, [out_type() for _ in range(self.n_outputs)])

    def __str__(self):
        return self.name


class SubOp(MyOp):
    pass


op1, op2, op3, op4 = (MyOp(f"op{i}") for i in range(1, 5))
two_outputs = MyOp("two", n_outputs=2)


def inputs(*names):
    return [MyType()(name) for name in names]


def graph(ins, *outs, **kwargs):
    return FunctionGraph(ins, list(outs), clone=False, **kwargs)


def text(variable):
    """The expression, for comparing: op1(x, op2(y))."""
    if variable.owner is None:
        return str(variable.data) if hasattr(variable, "data") else str(variable.name)
    suffix = f".{variable.index}" if len(variable.owner.outputs) > 1 else ""
    return f"{variable.owner.op}({', '.join(map(text, variable.owner.inputs))}){suffix}"
