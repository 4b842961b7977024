"""The workbench comes over hospital wifi in few pieces."""

import pytest

from annotations.scoring.assignments import assign
from studies.models import Mode
from tests.helpers.adjudications import finished_scoring
from tests.helpers.workbench_page import Workbench

MOST_REQUESTS = 60


@pytest.mark.parametrize("mode", [Mode.BLIND, Mode.ASSISTED])
def test_the_workbench_loads_with_at_most_sixty_requests(
    page_of, annotator, lead, hour_night, mode
):
    source = finished_scoring(hour_night, "another", ["N2"] * hour_night.epoch_count)
    scoring = assign(
        recording=hour_night, annotator=annotator, assigned_by=lead, mode=mode, suggestion=source
    )
    page = page_of(annotator)
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    Workbench(page, scoring).open(epoch=60).expect_painted()
    page.wait_for_load_state("networkidle")
    assert len(requested) <= MOST_REQUESTS, "\n".join(requested)


def test_the_head_of_the_workbench_names_its_modules_and_no_others(
    page_of, annotator, lead, hour_night
):
    scoring = assign(recording=hour_night, annotator=annotator, assigned_by=lead)
    page = page_of(annotator)
    requested: set[str] = set()
    page.on("request", lambda request: requested.add(request.url.split("/static/")[-1]))
    Workbench(page, scoring).open().expect_painted()
    links = page.locator("link[rel=modulepreload]").evaluate_all("all => all.map(a => a.href)")
    named = {url.split("/static/")[-1] for url in links}
    modules = {path for path in requested if path.startswith("js/")}
    beside = {"js/site/early.js", "js/site/page.js", "js/signals/painter.js"}
    assert modules == named | beside
