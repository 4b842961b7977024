"""The guides are correct: commands and options, settings, keys, links."""

import argparse
import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING")]
PAGES += sorted((ROOT / "docs").glob("*.md")) + sorted((ROOT / "docs/recipes").glob("*.md"))
PAGES += sorted((ROOT / "docs/help").glob("*.md"))
SETTINGS_FROM = [
    ROOT / "platform/epochwise/settings.py",
    ROOT / "platform/epochwise/secrets.py",
    *sorted((ROOT / "platform/epochwise/embedded").glob("*.py")),
]
ENVIRONMENT = re.compile(r"""os\.environ(?:\.get\(|\[)["'](\w+)["']""")
COMMAND = re.compile(r"manage\.py (\w+)([^`\n]*)")
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}"
)


def _options_of(name: str, act: str) -> set[str]:
    """Return what the command takes, or its act where it has several."""
    app = get_commands()[name]
    command = app if not isinstance(app, str) else load_command_class(app, name)
    parser = command.create_parser("manage.py", name)
    acts = {
        act: parser
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for act, parser in action.choices.items()
    }
    actions = acts.get(act, parser)._actions
    return {option for action in actions for option in action.option_strings}


@each_page
def test_commands_and_their_options_exist(page: Path) -> None:
    for name, rest in COMMAND.findall(page.read_text()):
        assert name in get_commands(), f"{page.name}: manage.py {name}"
        act = rest.split(maxsplit=1)[0] if rest.strip() else ""
        unknown = set(re.findall(r"(?<!\S)--[\w-]+", rest)) - _options_of(name, act)
        assert not unknown, f"{page.name}: manage.py {name} has no {unknown}"


@each_page
def test_links_lead_to_files(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_setting_is_documented() -> None:
    read = {name for path in SETTINGS_FROM for name in ENVIRONMENT.findall(path.read_text())}
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs/deployment.md").read_text()))
    assert len(read) > 10
    assert read - documented == set()


def test_the_guide_for_raters_names_every_key_of_the_page() -> None:
    shown = re.findall(r"<kbd>(.*?)</kbd>", (ROOT / "templates/rating/rate.html").read_text())
    named = set(re.findall(r"`([^`]+)`", (ROOT / "docs/rater.md").read_text()))
    assert set(shown) - {key for keys in named for key in (keys, *keys.split())} == set()
