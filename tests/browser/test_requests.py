"""The workbench comes over hospital wifi in few pieces."""

import pytest

from annotations.models import Scoring
from tests.browser.workbench_page import Workbench

MOST_REQUESTS = 60


@pytest.mark.parametrize("mode", ["blind", "assisted"])
def test_the_workbench_loads_with_at_most_sixty_requests(page_of, annotator, night_scoring, mode):
    Scoring.objects.filter(pk=night_scoring.pk).update(mode=mode)
    page = page_of(annotator)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    Workbench(page, night_scoring).open(epoch=60).expect_painted()
    page.wait_for_load_state("networkidle")
    assert len(requested) <= MOST_REQUESTS, "\n".join(requested)


def test_no_module_of_the_workbench_is_asked_for_beside_those_named_in_its_head(
    page_of, annotator, night_scoring
):
    page = page_of(annotator)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    Workbench(page, night_scoring).open().expect_painted()
    named = set(page.locator("link[rel=modulepreload]").evaluate_all("all => all.map(a => a.href)"))
    modules = {url for url in requested if "/static/js/" in url and "/site/early.js" not in url}
    painter = {url for url in modules if url.endswith("/signals/painter.js")}
    assert modules - painter - named <= {url for url in modules if url.endswith("/site/page.js")}
    assert named <= modules
