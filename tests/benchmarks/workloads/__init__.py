"""Work that every library does: the same numbers, the same results, compared before anything is timed."""

from .arrays import AddOne, AxisSum, Chain, LayerNorm, LogSumExp, Softmax
from .base import Workload
from .models import EightSchools, Hierarchical
from .training import Logistic, Perceptron

__all__ = ["WORKLOADS", "Workload"]

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        AddOne(),
        Chain("float64"),
        Chain("float32"),
        Logistic(),
        Softmax(),
        LogSumExp(),
        LayerNorm(),
        Hierarchical(),
        EightSchools(),
        AxisSum(0),
        AxisSum(1),
        Perceptron(),
    )
}
