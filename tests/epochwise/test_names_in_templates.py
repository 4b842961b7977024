"""Names of people, scorers and recordings stand in <bdi>: they do not turn the text beside them."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "templates"
# What the page does not lay out as text: its title, options of a list, comments.
NOT_TEXT = re.compile(
    r"{% block title %}.*?{% endblock %}|<option.*?</option>|{#.*?#}|<bdi.*?</bdi>|<[a-z][^>]*>",
    re.S,
)
NAME = re.compile(
    r"{{ *[\w.]*(recording\.name|subject\.code|column\.label|scorer\.label|night\.label|row\.label"
    r"|tested\.label|reference\.label|pair\.[01]\.label|scorers\.[01]|created_by|discarded_by"
    r"|author|annotator|\.user|\.person)(\|[^}]*)? *}}"
)
# Fields of forms, and labels that the site gives.
ALLOWED = {
    "scoring/_assignments.html: {{ form.annotator }}",
    "rating/_scores.html: {{ row.label }}",
}


def test_every_name_is_isolated_from_the_direction_of_the_text() -> None:
    bare = {
        f"{path.relative_to(TEMPLATES)}: {found.group()}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for found in NAME.finditer(NOT_TEXT.sub("", path.read_text()))
    }
    assert bare - ALLOWED == set()
