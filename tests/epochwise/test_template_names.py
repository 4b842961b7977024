"""The guard against names in templates that lead nowhere (`tests/helpers/templates.py`)."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Engine, Origin, Template

from tests.helpers.templates import TEMPLATES, unresolved


def names_noted(source: str, *, folder: str = TEMPLATES, **given: Any) -> set[str]:
    """Render a template as if it lay in a folder, and return the names that were noted."""
    template = Template(source, Origin(f"{folder}/x.html"), "x.html", Engine.get_default())
    template.render(Context(given))
    noted = set(unresolved)
    unresolved.clear()
    return noted


@pytest.mark.parametrize(
    "source",
    [
        "{{ row.totl }}",
        "{% if row.totl %}yes{% endif %}",
        "{{ row.totl|default:'' }}",
        "{{ counts.totl }}",
        "{% with total=row.totl %}{{ total }}{% endwith %}",
        "{% for part in row.totl %}{{ part }}{% endfor %}",
        "{{ row.left }}",  # `left` may be missing as a first name alone
    ],
)
def test_a_part_that_does_not_exist_is_noted(source):
    row = SimpleNamespace(total=1)
    assert len(names_noted(source, row=row, counts={"total": 1})) == 1


@pytest.mark.parametrize("source", ["{{ totl }}", "{% if totl %}{% endif %}", "{{ totl.x }}"])
def test_a_first_name_that_nobody_gives_is_noted(source):
    assert len(names_noted(source)) == 1


@pytest.mark.parametrize("source", ["{{ url }}", "{% if signed %}{% endif %}", "{{ row.total.x }}"])
def test_optional_names_and_parts_of_nothing_are_not_noted(source):
    assert names_noted(source, row=SimpleNamespace(total=None)) == set()


def test_templates_of_others_are_left_alone():
    assert names_noted("{{ totl }}", folder="/elsewhere") == set()
