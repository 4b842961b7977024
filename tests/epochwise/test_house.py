"""The counts of scripts/house.py, on small example trees."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import house

SCRIPT = Path(house.__file__)


def tree(folder: Path, files: dict[str, str], untracked: tuple[str, ...] = ()) -> house.Tree:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tracked = [name for name in files if name not in untracked]
    subprocess.run(["git", "-C", str(folder), "add", *tracked], check=True)
    return house.Tree.at(folder)


def lines(count: int) -> str:
    return "x = 1\n" * count


def test_short_files_are_those_under_sixty_lines(tmp_path: Path) -> None:
    counted = house.short_files(
        tree(
            tmp_path,
            {
                "annotations/__init__.py": "",
                "annotations/rating/__init__.py": '"""Rating."""\n',
                "platform/psg/short.py": lines(59),
                "platform/psg/long.py": lines(60),
                "annotations/migrations/0001_initial.py": lines(5),
                "tests/test_short.py": lines(5),
                "scripts/not_tracked.py": lines(5),
            },
            untracked=("scripts/not_tracked.py",),
        )
    )
    assert counted.rows == ["  1 annotations/rating/__init__.py", " 59 platform/psg/short.py"]
    assert counted.value == 2


def test_a_module_with_a_single_importer_is_counted_however_it_is_imported(tmp_path: Path) -> None:
    counted = house.single_importer(
        tree(
            tmp_path,
            {
                "platform/psg/__init__.py": "",
                "platform/psg/by_name.py": lines(3),
                "platform/psg/relative.py": lines(3),
                "platform/psg/inside_a_function.py": lines(3),
                "platform/psg/twice.py": lines(3),
                "platform/psg/never.py": lines(3),
                "platform/psg/large.py": lines(100),
                "annotations/first.py": (
                    "from psg import by_name\nimport psg.twice\nfrom psg.large import x\n"
                ),
                "platform/psg/second.py": (
                    "from .relative import x\nfrom psg.twice import x\n"
                    "def late():\n    import psg.inside_a_function\n"
                ),
                "tests/test_never.py": "import psg.never\n",
            },
        )
    )
    assert [row.split()[1] for row in counted.rows] == [
        "platform/psg/by_name.py",
        "platform/psg/inside_a_function.py",
        "platform/psg/relative.py",
    ]


def test_a_feature_in_its_room_lies_in_a_single_folder(tmp_path: Path) -> None:
    counted = house.feature_folders(
        tree(
            tmp_path,
            {
                "annotations/rating/models.py": "",
                "annotations/rating/drawing/strata.py": "",
                "annotations/releases/rating_rows.py": "",
                "annotations/management/commands/rating.py": "",
                "benchmarks/rating.py": "",
                "templates/rating/rate.html": "",
                "static/js/rating/page.js": "",
                "static/css/rating.css": "",
                "tests/rating/test_models.py": "",
            },
        )
    )
    assert counted.value == 1
    assert "  1 rating (in all 8 files in 8 folders): room rating" in counted.rows


def test_a_feature_spread_over_layers_is_counted_folder_by_folder(tmp_path: Path) -> None:
    counted = house.feature_folders(
        tree(
            tmp_path,
            {
                "annotations/views/rating_results.py": "",
                "annotations/views/rating.py": "",
                "annotations/queries/rating/reading.py": "",
                "annotations/queries/rating/deep/er.py": "",
                "platform/psg/ratings/severity.py": "",
                "platform/psg/operating.py": "",
            },
        )
    )
    assert counted.value == 3
    assert counted.rows[0] == (
        "  3 rating (in all 5 files in 4 folders): "
        "annotations/queries/rating, annotations/views, platform/psg/ratings"
    )


def test_template_lines_are_wide_beyond_120_columns(tmp_path: Path) -> None:
    files = {"templates/page.html": f"{'x' * 121}\n{'x' * 120}\n\n\n"}
    assert house.wide_templates(tree(tmp_path, files)).value == 25


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("found = 1", 1),
        ("rows_found_by = 1", 1),
        ("class NotFoundError: pass", 1),
        ("# What was ASKED, and what was said", 2),
        ("none = foundation, oned, retold, phone", 0),
        ("x = 'One night'", 1),
    ],
)
def test_words_are_whole_words_in_any_part_of_source(tmp_path: Path, text: str, count: int) -> None:
    assert house.five_words(tree(tmp_path, {"inference/runs.py": text})).value == count


def test_words_count_in_pages_and_their_scripts_but_not_in_libraries(tmp_path: Path) -> None:
    counted = house.five_words(
        tree(
            tmp_path,
            {
                "static/js/night.js": "const lastFound = 1;",
                "templates/night.html": "<p>One night</p>",
                "static/vendor/library.js": "found",
                "static/css/night.css": "/* found */",
            },
        )
    )
    assert counted.value == 2


def test_loose_dicts_are_counted_by_occurrence(tmp_path: Path) -> None:
    text = "def f(x: dict[str, Any]) -> list[dict[str, Any]]: ...\ny: dict[str, int]\n"
    assert house.loose_dicts(tree(tmp_path, {"annotations/rows.py": text})).value == 2


def test_the_command_prints_every_count_with_its_target(tmp_path: Path) -> None:
    tree(tmp_path, {"annotations/rows.py": "def f() -> None:\n    pass\n"})
    command = [sys.executable, str(SCRIPT), "--json"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    report = json.loads(printed.stdout)
    assert report["short_files"] == {
        "label": "Python files under 60 lines",
        "value": 1,
        "target": 120,
        "holds": True,
    }
    assert report["function_median"]["value"] == 2
    assert report["function_median"]["holds"] is None
    assert [name for name, count in report.items() if count["target"] is not None] == [
        count.__name__ for count in house.COUNTS
    ]
