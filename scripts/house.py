"""Count properties of the source tree: `python scripts/house.py [--json | --list NAME]`.

Counts files tracked by git in the working tree of the current folder. Definitions:

source          Python files under platform, annotations, inference, scripts and benchmarks, and
                JavaScript and HTML under static and templates; no tests, no migrations, nothing
                under static/vendor.
short_files     Python source files with fewer than 60 lines, empty `__init__.py` left out.
single_importer Python source files with fewer than 100 lines that exactly one other source file
                imports; `__init__.py` left out. Imports inside functions count.
feature_folders for each feature, the places in which its name occurs as a folder or in the name
                of a Python, JavaScript, HTML or CSS file (names are split at `_`, `-` and `.`).
                Its room, that is `annotations/<room>` and what lies under the same name in
                templates, static/js and static/css, is a single place; any other folder named
                after the feature is a single place with all below it; otherwise the place is the
                folder of the file. A file in the room of another feature belongs to that room.
                Benchmarks do not count, nor does management/commands, which Django prescribes.
                The plain number of folders and files with that name is printed beside it.
wide_templates  percentage of template lines with more than 120 columns.
five_words      how often the WORDS below stand as whole words in source (names, comments,
                docstrings, texts), names split at underscores and at capitals.
loose_dicts     how often Python source writes `dict[str, Any]`.
"""

import argparse
import ast
import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from statistics import median

PYTHON_FOLDERS = ("platform", "annotations", "inference", "scripts", "benchmarks")
BROWSER_FOLDERS = ("static", "templates")
# Folders whose files are imported without the folder's own name in front
IMPORT_ROOTS = ("platform",)
ROOM_PARENTS = ("annotations", "templates", "static/js", "static/css")
ROOMS = (
    "scoring",
    "adjudication",
    "rating",
    "agreement",
    "assistance",
    "releases",
    "exchange",
)
# Feature: its room, and the words that name it in paths. Scoring is not among them, because a
# scoring is also what most other features work on.
FEATURES = {
    "adjudication": ("adjudication", {"adjudication", "adjudications"}),
    "rating": ("rating", {"rating", "ratings"}),
    "agreement": ("agreement", {"agreement"}),
    "assistance": ("assistance", {"assistance", "suggestion", "suggestions"}),
    "releases": ("releases", {"release", "releases"}),
    "MASS-EX": ("exchange", {"massex"}),
}
WORDS = ("found", "one", "asked", "said", "told")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
LOOSE_DICT = re.compile(r"\bdict\[str, Any\]")
SHORT_FILE_LINES = 60
SMALL_MODULE_LINES = 100
WIDE_COLUMNS = 120


@dataclass(frozen=True)
class Measure:
    """A count, its target (the highest allowed value), and the files behind it."""

    name: str
    label: str
    value: float
    target: float | None = None
    rows: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool | None:
        return None if self.target is None else self.value <= self.target


@dataclass(frozen=True)
class Tree:
    """The tracked files of a repository."""

    root: Path
    paths: list[str]

    @classmethod
    def at(cls, folder: Path) -> "Tree":
        root = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
        tracked = _git(root, "ls-files", "-z").split("\0")
        return cls(root, sorted(path for path in tracked if path and (root / path).is_file()))

    @cached_property
    def python(self) -> list[str]:
        return [
            path
            for path in self.paths
            if path.endswith(".py")
            and path.startswith(tuple(f"{folder}/" for folder in PYTHON_FOLDERS))
            and "migrations" not in PurePosixPath(path).parts
        ]

    @cached_property
    def browser(self) -> dict[str, list[str]]:
        """Paths of JavaScript, HTML and CSS by ending."""
        mine = [
            path
            for path in self.paths
            if path.startswith(tuple(f"{folder}/" for folder in BROWSER_FOLDERS))
            and not path.startswith("static/vendor/")
        ]
        return {
            ending: [path for path in mine if path.endswith(f".{ending}")]
            for ending in ("js", "html", "css")
        }

    @cached_property
    def texts(self) -> dict[str, str]:
        paths = [*self.python, *(path for paths in self.browser.values() for path in paths)]
        return {path: (self.root / path).read_text(encoding="utf-8") for path in paths}

    def lines(self, path: str) -> int:
        return len(self.texts[path].splitlines())


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def short_files(tree: Tree) -> Measure:
    rows = [
        f"{tree.lines(path):3} {path}"
        for path in tree.python
        if tree.lines(path) < SHORT_FILE_LINES
        and not (path.endswith("/__init__.py") and not tree.texts[path].strip())
    ]
    label = f"Python files under {SHORT_FILE_LINES} lines"
    return Measure("short_files", label, len(rows), 120, rows)


def single_importer(tree: Tree) -> Measure:
    importers = _importers(tree)
    rows = [
        f"{tree.lines(path):3} {path} <- {next(iter(importers[path]))}"
        for path in tree.python
        if not path.endswith("/__init__.py")
        and len(importers[path]) == 1
        and tree.lines(path) < SMALL_MODULE_LINES
    ]
    label = f"modules under {SMALL_MODULE_LINES} lines that a single module imports"
    return Measure("single_importer", label, len(rows), 60, rows)


def _importers(tree: Tree) -> dict[str, set[str]]:
    """Return for each source file the other source files that import it."""
    path_of = {_module(path): path for path in tree.python}
    importers: dict[str, set[str]] = defaultdict(set)
    for path in tree.python:
        for name in _imported_names(path, ast.parse(tree.texts[path])):
            imported = path_of.get(name)
            if imported and imported != path:
                importers[imported].add(path)
    return importers


def _module(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    if parts[0] in IMPORT_ROOTS:
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported_names(path: str, module: ast.Module) -> Iterator[str]:
    """Yield imported names; for `from a import b` both `a` and `a.b`, as `b` may be a module."""
    package = _module(path).split(".")
    if not path.endswith("/__init__.py"):
        package.pop()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def feature_folders(tree: Tree) -> Measure:
    paths = [*tree.python, *(path for paths in tree.browser.values() for path in paths)]
    counted = sorted(
        ((_places(feature, paths), feature) for feature in FEATURES),
        key=lambda pair: -len(pair[0]),
    )
    rows = [
        f"{len(places):3} {_named(feature, paths)}: {', '.join(sorted(places))}"
        for places, feature in counted
    ]
    label = "most folders that a feature lies in"
    return Measure("feature_folders", label, len(counted[0][0]), 2, rows)


def _named(feature: str, paths: list[str]) -> str:
    """Name the feature with all files and folders whose path has its name."""
    files = [
        PurePosixPath(path)
        for path in paths
        if any(_names(part, feature) for part in PurePosixPath(path).parts)
    ]
    folders = {file.parent for file in files}
    return f"{feature} (in all {len(files)} files in {len(folders)} folders)"


def _places(feature: str, paths: list[str]) -> set[str]:
    places = (_place(path, feature) for path in paths)
    return {place for place in places if place is not None}


def _place(path: str, feature: str) -> str | None:
    """Return the place of the feature that a file belongs to, or None if it names none."""
    room = _room(path)
    if room is not None:
        return f"room {room}" if room == FEATURES[feature][0] else None
    *folders, name = PurePosixPath(path).parts
    if folders[0] == "benchmarks" or folders[-2:] == ["management", "commands"]:
        return None
    for depth, folder in enumerate(folders, start=1):
        if _names(folder, feature):
            return "/".join(folders[:depth])
    return "/".join(folders) if _names(name, feature) else None


def _room(path: str) -> str | None:
    """Return the room in which a file lies: `rating` for static/css/rating.css."""
    for parent in ROOM_PARENTS:
        if path.startswith(f"{parent}/"):
            first = path.removeprefix(f"{parent}/").split("/")[0].split(".")[0]
            return first if first in ROOMS else None
    return None


def _names(part: str, feature: str) -> bool:
    return not FEATURES[feature][1].isdisjoint(re.split(r"[_.-]", part))


def wide_templates(tree: Tree) -> Measure:
    wide: dict[str, int] = {}
    lines = 0
    for path in tree.browser["html"]:
        columns = [len(line) for line in tree.texts[path].splitlines()]
        lines += len(columns)
        wide[path] = sum(count > WIDE_COLUMNS for count in columns)
    label = f"template lines over {WIDE_COLUMNS} columns, %"
    percent = round(100 * sum(wide.values()) / max(lines, 1), 1)
    return Measure("wide_templates", label, percent, 2, _most_first(wide))


def five_words(tree: Tree) -> Measure:
    counts = {
        path: sum(word.lower() in WORDS for word in WORD.findall(text))
        for path, text in tree.texts.items()
        if not path.endswith(".css")
    }
    label = f"the words {', '.join(WORDS)}"
    return Measure("five_words", label, sum(counts.values()), 600, _most_first(counts))


def loose_dicts(tree: Tree) -> Measure:
    counts = {path: len(LOOSE_DICT.findall(tree.texts[path])) for path in tree.python}
    label = "dict[str, Any] in Python"
    return Measure("loose_dicts", label, sum(counts.values()), 60, _most_first(counts))


def _most_first(counts: dict[str, int]) -> list[str]:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return [f"{count:3} {path}" for path, count in ordered if count]


def sizes(tree: Tree) -> list[Measure]:
    """Return lengths of functions and files. These have no target."""
    functions = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for path in tree.python
        for node in ast.walk(ast.parse(tree.texts[path]))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    python = [lines for path in tree.python if (lines := tree.lines(path))]
    scripts = [tree.lines(path) for path in tree.browser["js"]]
    return [
        Measure("python_files", "Python files that are not empty", len(python)),
        Measure("python_file_median", "lines of a Python file, median", _median(python)),
        Measure("function_median", "lines of a function, median", _median(functions)),
        Measure("function_p99", "lines of a function, 99th percentile", _p99(functions)),
        Measure("js_modules", "JavaScript modules", len(scripts)),
        Measure("js_module_median", "lines of a JavaScript module, median", _median(scripts)),
    ]


def _median(values: list[int]) -> float:
    return median(values) if values else 0


def _p99(ordered: list[int]) -> int:
    return ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)] if ordered else 0


COUNTS: tuple[Callable[[Tree], Measure], ...] = (
    short_files,
    single_importer,
    feature_folders,
    wide_templates,
    five_words,
    loose_dicts,
)


def measures(tree: Tree) -> list[Measure]:
    return [*(count(tree) for count in COUNTS), *sizes(tree)]


def as_json(counted: list[Measure]) -> str:
    report = {
        measure.name: {
            "label": measure.label,
            "value": measure.value,
            "target": measure.target,
            "holds": measure.holds,
        }
        for measure in counted
    }
    return json.dumps(report, indent=2)


def as_table(counted: list[Measure]) -> str:
    lines = []
    for measure in counted:
        line = f"{measure.label:<52}{measure.value:>8g}"
        if measure.target is not None:
            line += f"   at most {measure.target:<5g}{'holds' if measure.holds else 'TOO MANY'}"
        lines.append(line)
    folders = next(measure for measure in counted if measure.name == "feature_folders")
    return "\n".join([*lines, "", "folders of each feature", *folders.rows])


def main() -> None:
    parser = argparse.ArgumentParser(description="Count properties of the source tree.")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print a JSON object")
    output.add_argument(
        "--list",
        choices=[count.__name__ for count in COUNTS],
        help="print the files behind a count",
    )
    options = parser.parse_args()
    counted = measures(Tree.at(Path.cwd()))
    if options.list:
        print("\n".join(next(each.rows for each in counted if each.name == options.list)))
    else:
        print(as_json(counted) if options.json else as_table(counted))


if __name__ == "__main__":
    main()
