"""Train a logistic regression on handwritten digits, once with each linker.

``python -m aesaralite.examples.digits`` trains on the digits that scikit-learn ships, shows loss and accuracy as it
goes, compares the linkers, and draws the learned weights and the loss curves into ``digits.png``.

The model is the tutorial's: ``p_1 = 1 / (1 + exp(-dot(x, w) - b))`` is the probability that an image shows a digit.
Here `w` has a column, and `b` an element, for each of the ten digits: ten logistic regressions in one expression.
The digit with the greatest probability is the prediction.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import aesaralite
import aesaralite.tensor as at

LEARNING_RATE = 1.0
PENALTY = 1e-4
SECONDS_BETWEEN_REPORTS = 0.1


@dataclass
class Data:
    """Images as rows of 64 pixels from 0 to 1, and the digits that they show."""

    x_train: np.ndarray
    x_test: np.ndarray
    y_train: np.ndarray
    y_test: np.ndarray

    @property
    def target(self) -> np.ndarray:
        """For each training image, 1 in the column of its digit and 0 in the others."""
        return np.eye(10)[self.y_train]


@dataclass
class Model:
    """A compiled model: its parameters, and the functions that train and use it."""

    w: Any
    b: Any
    train: Any
    predict: Any


@dataclass
class Result:
    """What training with one linker gave."""

    linker: str
    compile_seconds: float
    step_seconds: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    accuracy: float = 0.0
    weights: np.ndarray = field(default_factory=lambda: np.empty(0))


def load() -> Data:
    """Return scikit-learn's digits, a quarter of them held out."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, digits = load_digits(return_X_y=True)
    return Data(*train_test_split(images / 16, digits, test_size=0.25, stratify=digits, random_state=0))


def build() -> Model:
    """Build the expressions and compile them with the default linker."""
    # Symbolic inputs
    x = at.dmatrix("x")
    y = at.dmatrix("y")

    # Parameters: shared variables keep their values between calls
    w = aesaralite.shared(np.zeros((64, 10)), name="w")
    b = aesaralite.shared(np.zeros(10), name="b")

    # The model
    p_1 = 1 / (1 + at.exp(-at.dot(x, w) - b))
    prediction = at.argmax(p_1, axis=1)
    xent = -y * at.log(p_1) - (1 - y) * at.log(1 - p_1)
    loss = xent.sum(axis=1).mean()
    cost = loss + PENALTY * (w**2).sum()
    gw, gb = aesaralite.grad(cost, [w, b])

    # Compile
    train = aesaralite.function(
        inputs=[x, y], outputs=loss, updates=[(w, w - LEARNING_RATE * gw), (b, b - LEARNING_RATE * gb)]
    )
    predict = aesaralite.function(inputs=[x], outputs=prediction)
    return Model(w, b, train, predict)


def train(linker: str, data: Data, steps: int) -> Result:
    """Compile the model with `linker`, and train it for `steps` passes over all images.

    The time of compiling is that from the first line of `build` to the end of the first step.
    """
    from tqdm import tqdm

    with aesaralite.config.change_flags(linker=linker):
        start = time.perf_counter()
        model = build()
        target = data.target
        first_loss = float(model.train(data.x_train, target))
        result = Result(linker, time.perf_counter() - start, losses=[first_loss])

        reported = 0.0
        with tqdm(range(1, steps), desc=f"{linker:>5}", unit="step", initial=1, total=steps) as progress:
            for _ in progress:
                start = time.perf_counter()
                loss = model.train(data.x_train, target)
                now = time.perf_counter()
                result.step_seconds.append(now - start)
                result.losses.append(float(loss))
                if now - reported > SECONDS_BETWEEN_REPORTS:
                    reported = now
                    progress.set_postfix(loss=f"{loss:.4f}", accuracy=f"{_accuracy(model, data):.1%}")
            result.accuracy = _accuracy(model, data)
            progress.set_postfix(loss=f"{result.losses[-1]:.4f}", accuracy=f"{result.accuracy:.1%}")
        result.weights = model.w.get_value()
    return result


def _accuracy(model: Model, data: Data) -> float:
    """The share of the held-out images whose digit is predicted."""
    return float(np.mean(model.predict(data.x_test) == data.y_test))


def table(results: list[Result]) -> str:
    """Lay out the results, one line a linker."""
    lines = [f"{'linker':>8} {'compile':>10} {'a step':>10} {'last loss':>10} {'held-out accuracy':>18}"]
    for result in results:
        step = f"{np.median(result.step_seconds) * 1e6:.0f} µs" if result.step_seconds else "-"
        lines.append(
            f"{result.linker:>8} {result.compile_seconds:>8.2f} s {step:>10} {result.losses[-1]:>10.4f} "
            f"{result.accuracy:>18.1%}"
        )
    return "\n".join(lines)


def draw(results: list[Result], file: str) -> None:
    """Draw the weights of each digit, as last trained, and the loss curve of each linker."""
    from matplotlib.figure import Figure

    weights = results[-1].weights
    limit = float(np.abs(weights).max()) or 1.0
    figure = Figure(figsize=(10, 7.5), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[1.25, 1])
    above.suptitle("What speaks for (red) and against (blue) each digit")
    axes = above.subplots(2, 5)
    for digit, axis in enumerate(axes.flat):
        image = axis.imshow(weights[:, digit].reshape(8, 8), cmap="RdBu_r", vmin=-limit, vmax=limit)
        axis.set_title(str(digit))
        axis.set_axis_off()
    above.colorbar(image, ax=axes, shrink=0.8, label="weight")

    axis = below.subplots()
    for result, style in zip(results, ["-", "--", ":", "-."] * len(results), strict=False):
        axis.plot(result.losses, style, label=f"{result.linker}: {result.accuracy:.1%} of the held-out digits")
    axis.set(xlabel="step", ylabel="cross-entropy", yscale="log", title="Loss on the training images")
    axis.legend()
    figure.savefig(file, dpi=120)


def main(arguments: list[str] | None = None) -> list[Result]:
    """Run the example; `arguments` are those of the command line."""
    parser = argparse.ArgumentParser(prog="python -m aesaralite.examples.digits", description=__doc__.split("\n")[0])
    parser.add_argument("--steps", type=int, default=1000, help="steps of training (default: %(default)s)")
    parser.add_argument("--linkers", nargs="+", default=["py", "numba"], metavar="NAME", help="default: py numba")
    parser.add_argument("--out", default="digits.png", metavar="FILE", help="the picture (default: %(default)s)")
    options = parser.parse_args(arguments)
    if options.steps < 1:
        parser.error("--steps must be at least 1")

    data = load()
    print(f"{len(data.y_train)} digits to learn from, {len(data.y_test)} held out; {options.steps} steps.")
    results = [train(linker, data, options.steps) for linker in options.linkers]
    print(table(results))
    for other in results[1:]:
        difference = np.abs(other.weights - results[0].weights).max()
        print(f"The weights of {results[0].linker} and {other.linker} differ by at most {difference:.1e}.")
    draw(results, options.out)
    print(f"Weights and loss curves: {options.out}")
    return results


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        if error.name in {"sklearn", "matplotlib", "tqdm"}:
            raise SystemExit(f"This example needs {error.name}: pip install 'aesaralite[examples]'") from None
        raise
