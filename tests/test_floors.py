"""The architecture, checked: who may import whom, and what `import aesaralite` loads.

A module imports from its own floor and from those below it. Within a floor there are no cycles. A face (a path that
users know, made of imports only) may import anything; code doesn't import from a face. A package's `__init__` is made
of imports too, and stands as high as the highest module that it imports; only code above may import from it.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FLOORS = [
    ["aesaralite.errors", "aesaralite.forking", "aesaralite.configuration", "aesaralite.configdefaults"],
    ["aesaralite.graph"],
    ["aesaralite.rewriting"],
    ["aesaralite.scalar"],
    ["aesaralite.tensor"],
    ["aesaralite.autodiff"],
    ["aesaralite.loops"],
    ["aesaralite.rewrites"],
    ["aesaralite.compile"],
    ["aesaralite.printing", "aesaralite.testing", "aesaralite.compat", "aesaralite.debug"],
    # programs as users write them; and the faces
    ["aesaralite.examples", "aesaralite.testing.conformance", "aesaralite.__main__"],
]
TOP = len(FLOORS) - 1
LINKERS = ["aesaralite_python", "aesaralite_numba"]

FACES = {
    "aesaralite.gradient",
    "aesaralite.compile.function.types",
    "aesaralite.compile.sharedvalue",
    "aesaralite.raise_op",
    "aesaralite.updates",
    "aesaralite.graph.rewriting.basic",
    "aesaralite.graph.rewriting.db",
    "aesaralite.graph.rewriting.utils",
    "aesaralite.scalar.basic",
    "aesaralite.scalar.math",
    "aesaralite.sandbox",
    "aesaralite.sandbox.multinomial",
    "aesaralite.sandbox.rng_mrg",
    "aesaralite.tensor.basic",
    "aesaralite.tensor.elemwise",
    "aesaralite.tensor.exceptions",
    "aesaralite.tensor.extra_ops",
    "aesaralite.tensor.math",
    "aesaralite.tensor.nlinalg",
    "aesaralite.tensor.random.basic",
    "aesaralite.tensor.random.utils",
    "aesaralite.tensor.random.rewriting.basic",
    "aesaralite.tensor.rewriting.basic",
    "aesaralite.tensor.rewriting.elemwise",
    "aesaralite.tensor.rewriting.math",
    "aesaralite.tensor.rewriting.shape",
    "aesaralite.tensor.rewriting.subtensor",
    "aesaralite.tensor.shape",
    "aesaralite.tensor.sharedvar",
    "aesaralite.tensor.slinalg",
    "aesaralite.tensor.sort",
    "aesaralite.tensor.subtensor",
    "aesaralite.tensor.type",
    "aesaralite.tensor.type_other",
}
VOCABULARY = "aesaralite.graph.basic"
"""The one face that code may import from: the graph's vocabulary, under its well-known name."""


@dataclass(frozen=True)
class Import:
    """One import of a module of ours."""

    source: str
    target: str
    line: int
    in_function: bool
    for_types_only: bool

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


@cache
def modules() -> dict[str, Path]:
    """The files of the packages, by dotted name."""
    found = {}
    for base, packages in ((ROOT, ["aesaralite"]), (ROOT / "linkers", LINKERS)):
        for package in packages:
            for file in (base / package).rglob("*.py"):
                parts = file.relative_to(base).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def is_package(module: str) -> bool:
    return modules()[module].name == "__init__.py"


def is_code(module: str) -> bool:
    return module not in FACES and module != VOCABULARY and not is_package(module)


@cache
def imports(module: str) -> tuple[Import, ...]:
    return tuple(_walk(module, tree(module), in_function=False, for_types_only=False))


def _walk(module: str, node: ast.AST, in_function: bool, for_types_only: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            for target in _targets(module, child):
                yield Import(module, target, child.lineno, in_function, for_types_only)
        else:
            inside = in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing_only = for_types_only or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
            yield from _walk(module, child, inside, typing_only)


def _targets(module: str, statement: ast.Import | ast.ImportFrom) -> set[str]:
    """The modules of ours that an import statement loads; ``from package import submodule`` loads the submodule."""
    if isinstance(statement, ast.Import):
        names = {alias.name for alias in statement.names}
    else:
        base = statement.module or ""
        if statement.level:
            package = module.split(".") if is_package(module) else module.split(".")[:-1]
            package = package[: len(package) - statement.level + 1]
            base = ".".join([*package, *([base] if base else [])])
        names = {f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules() else base for alias in statement.names}
    ours = ("aesaralite", *LINKERS)
    return {name for name in names if name.partition(".")[0] in ours}


@cache
def floor(module: str) -> int:
    """The number of a module's floor; linkers stand above everything."""
    if module.partition(".")[0] in LINKERS:
        return TOP + 1
    if module in FACES or module == "aesaralite":
        return TOP
    own = [
        number
        for number, packages in enumerate(FLOORS)
        for package in packages
        if f"{module}.".startswith(f"{package}.")
    ]
    assert own, f"{module} stands on no floor: add it to FLOORS or to FACES"
    if is_package(module):
        own += [floor(i.target) for i in imports(module) if i.target in modules() and i.target != module]
    return max(own)


def code_modules() -> list[str]:
    return sorted(filter(is_code, modules()))


def test_every_import_goes_to_a_module_that_exists():
    missing = [str(i) for module in modules() for i in imports(module) if i.target not in modules()]
    assert not missing, "\n".join(missing)


def test_imports_go_down():
    wrong = [
        f"{i} (floor {floor(i.source)} to {floor(i.target)})"
        for module in code_modules()
        for i in imports(module)
        if i.target in modules() and floor(i.target) > floor(module)
    ]
    assert not wrong, "\n".join(wrong)


def test_code_does_not_import_from_faces():
    wrong = [
        str(i)
        for module in code_modules()
        if floor(module) < TOP
        for i in imports(module)
        if i.target in FACES or (i.target in modules() and is_package(i.target) and floor(i.target) >= floor(module))
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_in_aesaralite_imports_a_linker():
    wrong = [
        str(i)
        for module in modules()
        if module.partition(".")[0] == "aesaralite"
        for i in imports(module)
        if i.target.partition(".")[0] in LINKERS
    ]
    assert not wrong, "\n".join(wrong)


def test_linkers_do_not_import_the_test_helpers_or_each_other():
    wrong = [
        str(i)
        for module in modules()
        if module.partition(".")[0] in LINKERS
        for i in imports(module)
        if i.target.startswith("aesaralite.testing")
        or (i.target.partition(".")[0] in LINKERS and i.target.partition(".")[0] != module.partition(".")[0])
    ]
    assert not wrong, "\n".join(wrong)


def test_no_import_hides_in_a_function():
    """A linker may load modules of its own late, so that what is in the cache needs no compiler."""
    hidden = [
        str(i)
        for module in modules()
        for i in imports(module)
        if i.in_function
        and not (i.target.partition(".")[0] in LINKERS and i.target.partition(".")[0] == module.partition(".")[0])
    ]
    assert not hidden, "\n".join(hidden)


def test_no_cycles():
    graph = {
        module: {i.target for i in imports(module) if not i.for_types_only and i.target in modules()} - {module}
        for module in code_modules()
    }
    remaining = {module: {target for target in targets if target in graph} for module, targets in graph.items()}
    while leaves := {module for module, targets in remaining.items() if not targets}:
        remaining = {module: targets - leaves for module, targets in remaining.items() if module not in leaves}
    assert not remaining, f"In or above a cycle: {sorted(remaining)}"


@pytest.mark.parametrize("module", sorted(module for module in modules() if not is_code(module)))
def test_faces_and_packages_are_only_imports(module):
    for statement in tree(module).body:
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_dunder = isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign) and ast.unparse(
            statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        ).startswith("__")
        assert is_docstring or is_dunder or isinstance(statement, ast.Import | ast.ImportFrom), (
            f"{module}:{statement.lineno} is code among imports: {ast.unparse(statement)[:80]}"
        )


def test_listed_faces_exist():
    assert not FACES - modules().keys(), sorted(FACES - modules().keys())


def test_import_loads_nothing_heavy():
    program = "import sys, aesaralite; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "aesaralite" in loaded
    heavy = {"aesaralite_numba", "llvmlite", "matplotlib", "numba", "scipy", "sklearn"}
    assert not heavy & set(loaded)
