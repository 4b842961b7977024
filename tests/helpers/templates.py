"""Names in templates that lead nowhere: Django shows nothing for them, so here the test fails.

A later part of a name (`row.total`) must exist on what it is asked of, and a first name must be
given, also in `{% if %}` and before `default`; OPTIONAL lists the exceptions. Templates of others,
such as those of the admin, are left alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.base import Template, Variable, VariableDoesNotExist
from django.template.context import BaseContext
from django.test.utils import instrumented_test_render

TEMPLATES = str(Path(__file__).resolve().parents[2] / "templates")

# What only some pages give to a part or a base that they share, and why nothing is right there.
OPTIONAL = {
    "action": "components/form.html: a form is sent to its own page; empty.html: without a link",
    "as_percent": "agreement/_value.html: a coefficient is shown as it is",
    "check.report.error": "inference/models.html: a check that is not finished has no report",
    "check.report.windows": "inference/models.html: likewise",
    "comparison": "releases/release.html: a release that is being written again",
    "csrf_token": "base.html: a page that tells of an error is rendered without its request",
    "danger": "scoring/_reason_form.html, components/form.html: an act that deletes nothing",
    "desk": "scoring/_traces.html: the page of a rater has no tools of the workbench",
    "figures.differences": "rating/_arms.html: a sentence stands where there is no figure",
    "figures.severity": "rating/_raters.html: a sentence stands where there is no figure",
    "files": "releases/release.html: a release that is being written again",
    "form": "account/accept.html: who has an account signs in instead",
    "inner": "agreement/_crumbs.html: the report itself is the last crumb",
    "left": "components/progress.html: the time that is left is not known",
    "messages": "components/messages.html: a page that tells of an error",
    "percent": "components/progress.html: parts are counted",
    "plan": "rating/plan.html: the plan cannot be drawn",
    "rate": "components/progress.html: the rate is not known",
    "refused": "rating/plan.html: the plan can be drawn",
    "release": "releases/compose.html: a new release",
    "request": "base.html: a page that tells of an error",
    "request.user": "base.html: refused before the session was read",
    "request.user.is_authenticated": "base.html: refused before the session was read",
    "rows": "rating/gold.html: drawing was refused",
    "signed": "rating/_number.html: not a difference",
    "token_fail": "account/password_reset_from_key.html: the link is good",
    "training": "releases/release.html: a release that is being written again",
    "url": "components/empty.html: there is nothing to open",
}

unresolved: set[str] = set()
_resolve_lookup = Variable._resolve_lookup


def _noting(variable: Variable, context: Any) -> Any:
    try:
        return _resolve_lookup(variable, context)
    except VariableDoesNotExist as error:
        if _is_mistake(str(variable), *error.params) and (template := _template_of_ours(context)):
            unresolved.add(f"{template}: {variable}")
        raise


def _is_mistake(name: str, missing: str, of: Any) -> bool:
    if name in OPTIONAL:
        return False
    if isinstance(of, BaseContext):
        return missing not in OPTIONAL
    return of is not None and of != ""  # nothing has no parts, which is no mistake


def _template_of_ours(context: Any) -> str:
    """Return the name of the template that is rendered, or "" if it is not of this project."""
    template = getattr(getattr(context, "render_context", None), "template", None)
    is_ours = template is not None and str(template.origin.name).startswith(TEMPLATES)
    return template.name if is_ours else ""


@pytest.fixture(autouse=True, scope="session")
def contexts_are_not_copied(django_test_environment: None) -> None:
    """Django copies all that a template is given, once for each template that it includes.

    That is a quarter of the time of a page, and few tests look at it: those take `contexts`.
    """
    Template._render = lambda self, context: self.nodelist.render(context)


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the answers of this test their `context`."""
    monkeypatch.setattr(Template, "_render", instrumented_test_render)


@pytest.fixture(autouse=True, scope="session")
def names_in_templates_are_noted() -> Iterator[None]:
    Variable._resolve_lookup = _noting
    yield
    Variable._resolve_lookup = _resolve_lookup


@pytest.fixture(autouse=True)
def names_in_templates_lead_somewhere() -> Iterator[None]:
    """Fail a test during which a template named what does not exist."""
    unresolved.clear()
    yield
    assert not unresolved, f"names in templates that lead nowhere: {sorted(unresolved)}"
