"""The workbench comes over hospital wifi in few pieces."""

import pytest

from studies.models import Mode
from tests.browser.test_modes import assigned  # noqa: F401
from tests.browser.workbench_page import Workbench

MOST_REQUESTS = 60


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.ASSISTED])
def test_the_workbench_loads_with_at_most_sixty_requests(page_of, annotator, assigned, mode):  # noqa: F811
    scoring = assigned(mode)
    page = page_of(annotator)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    Workbench(page, scoring).open(epoch=60).expect_painted()
    page.wait_for_load_state("networkidle")
    assert len(requested) <= MOST_REQUESTS, "\n".join(requested)


def test_the_head_of_the_workbench_names_its_modules_and_no_others(
    page_of, annotator, night_scoring
):
    page = page_of(annotator)
    requested: set[str] = set()
    page.on("request", lambda request: requested.add(request.url.split("/static/")[-1]))
    Workbench(page, night_scoring).open().expect_painted()
    links = page.locator("link[rel=modulepreload]").evaluate_all("all => all.map(a => a.href)")
    named = {url.split("/static/")[-1] for url in links}
    modules = {path for path in requested if path.startswith("js/")}
    beside = {"js/site/early.js", "js/site/page.js", "js/signals/painter.js"}
    assert modules == named | beside
