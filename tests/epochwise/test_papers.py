"""Form of the papers: short decisions, dated changes, and a map whose files exist."""

import re
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PICTURE = re.compile(r"""(?:src|srcset)="([^"]+)"|!\[[^\]]*\]\(([^)]+)\)""")
TASK = re.compile(r"^\| ([^|]+) \| `([^`]+)` \|$", re.MULTILINE)

each_decision = pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)


def test_the_architecture_is_read_in_a_few_minutes() -> None:
    assert len(ARCHITECTURE.split()) <= 1500


def test_thirteen_tasks_lead_to_files_that_exist() -> None:
    section = ARCHITECTURE.split("## Where do I change ...")[1].split("\n## ")[0]
    files = dict(TASK.findall(section))
    assert len(files) == 13
    assert [file for file in files.values() if not (ROOT / file).is_file()] == []


@each_decision
def test_a_decision_is_short_and_says_why_what_and_what_follows(path: Path) -> None:
    text = path.read_text()
    assert len(text.split()) < 200
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]
    assert re.search(r"^In force since \d{4}-\d\d-\d\d\.$", text, re.MULTILINE)


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text()
    rows = re.findall(r"^\| (\d{4}) \| \[(.+)\]\((.+)\) \| (\S+) \|$", index, re.MULTILINE)
    assert [file for _, _, file, _ in rows] == [path.name for path in DECISIONS]
    for expected, (number, title, file, since) in enumerate(rows, start=1):
        text = (ROOT / "docs" / "decisions" / file).read_text()
        assert int(number) == expected
        assert text.startswith(f"# {title}\n")
        assert f"In force since {since}." in text


def test_changes_are_listed_by_day_with_the_newest_first() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    days = [date.fromisoformat(heading) for heading in headings]
    assert days == sorted(set(days), reverse=True)


@pytest.mark.parametrize("folder", ["decisions", "tutorials"])
def test_links_of_records_and_tutorials_lead_to_files(folder: str) -> None:
    pages = sorted((ROOT / "docs" / folder).glob("*.md"))
    assert pages
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


# With a folder: `models.py` alone may lie in any room. Addresses and what is not tracked begin
# with a slash or a dot.
PATH = re.compile(r"`(\w[\w.-]*/[\w./{},-]*)`")


def _spelled_out(path: str) -> list[str]:
    """Give `rooms/{a,b}` as `rooms/a` and `rooms/b`."""
    names = re.search(r"\{([^}]*)\}", path)
    if not names:
        return [path]
    return [path.replace(names.group(), name) for name in names.group(1).split(",")]


@pytest.mark.parametrize(
    "page",
    [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *DECISIONS],
    ids=lambda path: path.stem,
)
def test_paths_in_the_papers_exist(page: Path) -> None:
    paths = [path for quoted in PATH.findall(page.read_text()) for path in _spelled_out(quoted)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def _pictures(page: Path) -> list[Path]:
    return [(page.parent / "".join(names)).resolve() for names in PICTURE.findall(page.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_pictures_of_the_papers_exist(page: Path) -> None:
    assert [path for path in _pictures(page) if not path.exists()] == []


def test_every_drawn_picture_is_shown() -> None:
    shown = {path for page in PAGES for path in _pictures(page)}
    assert set((ROOT / "docs" / "images").iterdir()) - shown == set()
