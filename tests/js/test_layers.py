"""How the modules of the pages may import each other: downwards, and nothing from inside a room."""

import os
import re
from pathlib import Path

import pytest

JS = Path(__file__).resolve().parents[2] / "static/js"
# From the bottom: a folder imports from itself and from those before it.
SHARED = ["site", "keys", "signals", "saving"]
# At the head of a module, or where a page turns out to need it.
IMPORT = re.compile(r'(?:^(?:import|export)\b[^;]*?\bfrom |\bimport\()"([^"]+)"\)?', re.MULTILINE)


def modules() -> list[str]:
    return sorted(str(path.relative_to(JS)) for path in JS.rglob("*.js"))


def imports_of(module: str) -> list[str]:
    names = IMPORT.findall((JS / module).read_text())
    return [os.path.normpath(Path(module).parent / name) for name in names]


def folder_of(module: str) -> str:
    return Path(module).parts[0]


def may_import(folder: str, other: str) -> bool:
    """Tell whether modules of one folder may import from another; rooms know no other room."""
    if folder == other:
        return True
    below = SHARED[: SHARED.index(folder)] if folder in SHARED else SHARED
    return other in below


def test_there_are_rooms_and_shared_folders():
    folders = {folder_of(module) for module in modules()}
    assert folders >= {*SHARED, "scoring", "adjudication", "rating"}
    assert all(len(Path(module).parts) == 2 for module in modules())


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_from_below(module):
    others = imports_of(module)
    assert [other for other in others if not (JS / other).exists()] == []
    forbidden = [o for o in others if not may_import(folder_of(module), folder_of(o))]
    assert forbidden == []


def test_no_modules_import_each_other_in_a_circle():
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, " > ".join((*above, module))
        if module not in done:
            for other in imports_of(module):
                visit(other, (*above, module))
            done.add(module)

    for module in modules():
        visit(module, ())


def test_every_import_is_one_that_these_tests_read():
    """A dynamic import names its module by a value: only the page says which (data-keys)."""
    for module in modules():
        text = re.sub(r"^\s*(//|\*|/\*).*", "", (JS / module).read_text(), flags=re.MULTILINE)
        read = len(IMPORT.findall(text))
        named = len(re.findall(r'\bimport\b\s*(?:\{|\*|\w+ from|")|\bimport\(\s*["`]', text))
        assert named == read, module
