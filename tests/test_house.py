"""The house that docs/how-it-works.md draws: imports lead downwards, and each thing is done in one place."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "midcli"

ROWS = (
    ("util", "errors", "labels"),
    ("audio",),
    ("model",),
    ("explanation",),
    ("analyser",),
    ("library",),
    ("corpora",),
    ("study",),
    ("training", "views"),
    ("cli",),
    ("__main__",),
)
"""From the ground up. `midcli/__init__.py` is the door: it shows names of all rows but training and cli."""

EXCEPTIONS: frozenset[tuple[str, str]] = frozenset()
"""(module, what it does against the rules): to be mended; nothing may be added."""

ALLOWED = {
    "torch": ("training",),
    "torchaudio": ("training",),
    "rich": ("views.terminal", "views.browse", "cli"),
    "textual": ("views.browse", "cli.browse"),
    "mutagen": ("library.tags_formats",),
    "typer": ("cli",),
    "matplotlib": ("views.figures",),
}
"""Which modules, or packages with all that is in them, import a library that has a place."""

MOST_NAMES_AT_THE_TOP = 16
MOST_LINES = 60
MOST_BRANCHES = 12


@cache
def modules() -> dict[str, ast.Module]:
    """Name without `midcli.` to syntax tree; a package is called by its own name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = ast.parse(path.read_text("utf-8"))
    return found


@cache
def nodes(module: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(modules()[module]))


@cache
def imported(module: str) -> frozenset[str]:
    """Full names of what is imported anywhere in a module, in functions and for type checking too."""
    names: set[str] = set()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, "imports say the whole name"
            assert not node.level, "imports say the whole name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
def rooms_of(module: str) -> frozenset[str]:
    """Modules of midcli that a module imports; of the door, only the version may be had, which is a fact."""
    rooms = set()
    for name in imported(module):
        parts = name.split(".")
        if parts[0] == "midcli" and name not in ("midcli.__version__", "midcli"):
            inside = ".".join(parts[1:])
            rooms.add(inside if inside in modules() else ".".join(parts[1:-1]))
    return frozenset(rooms & set(modules()))


def row_of(module: str) -> int:
    top = module.split(".")[0]
    return next(number for number, row in enumerate(ROWS) if top in row)


def inside(module: str, places: tuple[str, ...]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def check(found: Iterator[tuple[str, str]], about: str) -> None:
    """Fails for what is no exception, and for exceptions that have been mended."""
    broken = {one for one in found if one[1].startswith(about)}
    known = {one for one in EXCEPTIONS if one[1].startswith(about)}
    assert broken - known == set()
    assert known - broken == set(), "mended: take it out of EXCEPTIONS"


def test_few_names_at_the_top_each_in_a_row() -> None:
    names = {path.name for path in PACKAGE.iterdir()} - {"__pycache__", "_models"}
    assert len(names) <= MOST_NAMES_AT_THE_TOP
    assert {name.removesuffix(".py") for name in names} == {
        *(room for row in ROWS for room in row),
        "__init__",
        "py.typed",
    }


def test_imports_lead_downwards() -> None:
    def found() -> Iterator[tuple[str, str]]:
        for module in modules():
            for room in rooms_of(module) if module != "__init__" else ():
                top, other = module.split(".")[0], room.split(".")[0]
                beside = row_of(room) == row_of(module) > 0 and other != top
                if beside or row_of(room) > row_of(module):
                    yield module, f"imports {room}"

    check(found(), "imports ")


@cache
def reached_from(module: str) -> frozenset[str]:
    """Everything that is imported with a module."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        waiting += (new := rooms_of(waiting.pop()) - reached)
        reached |= new
    return frozenset(reached)


def test_no_circle() -> None:
    def found() -> Iterator[tuple[str, str]]:
        for module in modules():
            for room in rooms_of(module):
                if module in reached_from(room):
                    yield module, f"is in a circle with {room}"

    check(found(), "is in a circle")


@pytest.mark.parametrize("library", ALLOWED)
def test_a_library_has_its_place(library: str) -> None:
    def found() -> Iterator[tuple[str, str]]:
        for module in modules():
            needed = {name.split(".")[0] for name in imported(module)}
            if library in needed and not inside(module, ALLOWED[library]):
                yield module, f"needs {library}"

    check(found(), f"needs {library}")


def test_inits_are_empty() -> None:
    filled = {path.parent.name for path in PACKAGE.rglob("__init__.py") if path.read_text("utf-8").strip()}
    assert filled == {"midcli"}


@cache
def names_in(module: str) -> frozenset[str]:
    """`os.environ`, `print`: attributes with what they are of, and plain names."""
    names = set()
    for node in nodes(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names.add(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.Name):
            names.add(node.id)
    return frozenset(names)


WORKER_PROCESSES = ("model.child", "util.processes")

USES = {
    "reads settings": (
        {"os.getenv", "os.environ"},
        # some libraries take settings from the environment only; midcli sets these, and reads none there
        ("cli", "__main__", "model.confined", "model.engine", "util.processes"),
    ),
    "prints": ({"print", "sys.stdout", "sys.stderr"}, ("cli", "__main__")),
    "exits": ({"sys.exit", "os._exit", "SystemExit"}, ("cli", "__main__", *WORKER_PROCESSES)),
    "silences descriptors": ({"os.dup2"}, ("cli", "audio.quiet", *WORKER_PROCESSES)),
}


@pytest.mark.parametrize("use", USES)
def test_some_things_are_done_in_one_place(use: str) -> None:
    words, places = USES[use]

    def found() -> Iterator[tuple[str, str]]:
        for module in modules():
            if words & names_in(module) and not inside(module, places):
                yield module, use

    check(found(), use)


def test_only_cli_and_worker_processes_call_what_silences() -> None:
    def found() -> Iterator[tuple[str, str]]:
        for module in modules():
            if "audio.quiet" in rooms_of(module) and not inside(
                module, ("cli", "library.tasks", *WORKER_PROCESSES)
            ):
                yield module, "calls audio.quiet"

    check(found(), "calls audio.quiet")


def docstrings(module: str) -> set[int]:
    """Identities of the strings that explain something: alone on their line."""
    return {
        id(node.value)
        for node in nodes(module)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def test_only_cli_names_options() -> None:
    def found() -> Iterator[tuple[str, str]]:
        for module in modules():
            spared = docstrings(module)
            for node in nodes(module):
                is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
                if is_text and id(node) not in spared and not inside(module, ("cli",)):
                    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", node.value):
                        yield module, f"names {option}"

    check(found(), "names ")


BRANCHES = (ast.If, ast.For, ast.While, ast.ExceptHandler, ast.IfExp, ast.comprehension, ast.match_case)


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for module in modules():
        for node in nodes(module):
            if isinstance(node, ast.FunctionDef):
                yield f"{module}.{node.name}", node


def test_functions_are_short() -> None:
    """From `def` to the last line, with what a command declares and with its help."""

    def found() -> Iterator[tuple[str, str]]:
        for name, node in functions():
            if (node.end_lineno or 0) - node.lineno >= MOST_LINES:
                yield name, "is long"

    check(found(), "is long")


def test_functions_have_few_branches() -> None:
    def found() -> Iterator[tuple[str, str]]:
        for name, node in functions():
            nested = {
                id(inner)
                for function in ast.walk(node)
                if isinstance(function, ast.FunctionDef) and function is not node
                for inner in ast.walk(function)
            }
            own = [one for one in ast.walk(node) if id(one) not in nested]
            if sum(isinstance(one, BRANCHES) for one in own) > MOST_BRANCHES:
                yield name, "has many branches"

    check(found(), "has many branches")


PUBLIC_ALL_THE_SAME = {
    "_exit": "of os",
    "_replace": "of named tuples",
    "_instances": "how beets, which starts one command a process, is made to forget the one before",
    "_raw_listeners": "the same",
    "_repr_html_": "what notebooks ask for",
    "_compositor": "Textual has no other way to the text of a screen",
}


def private_names(tree: ast.AST) -> Iterator[str]:
    """Names with one underscore that a test takes from something else than itself, or replaces there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
                yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            words = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
            if node.func.attr in ("setattr", "delattr"):
                yield from (word for word in map(str, words) if is_private(word.rpartition(".")[2]))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_tests_see_what_callers_see() -> None:
    found = {
        (path.name, name)
        for path in Path(__file__).parent.rglob("*.py")
        for name in private_names(ast.parse(path.read_text("utf-8")))
        if name not in PUBLIC_ALL_THE_SAME
    }
    assert found == set()
