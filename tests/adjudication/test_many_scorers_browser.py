"""Twelve scorings of a simulated night: a majority settles most, keys the rest."""

import random

import pytest
from playwright.sync_api import Page, expect

from annotations.adjudication.lifecycle import start_adjudication
from annotations.adjudication.models import Adjudication
from annotations.adjudication.reading import provenances
from annotations.scoring.models import Scoring
from recordings.models import Recording
from studies.models import Role, User
from tests.helpers.accessibility import findings
from tests.helpers.adjudications import finished_scoring
from tests.helpers.reach import unreached

SIDES = 12
# Epochs on which few or many of the twelve say another stage.
FEW = {4: "N1", 5: "N1", 30: "R", 80: "N2"}
HALF = {20: "N3", 40: "R"}
BESIDE_TRANSITION = 59


def stages_of(side: int, epoch_count: int) -> list[str | None]:
    stages: list[str | None] = ["N2" if epoch < 60 else "N3" for epoch in range(epoch_count)]
    if side < 2:
        stages[BESIDE_TRANSITION] = "N3"
        for epoch, stage in FEW.items():
            stages[epoch] = stage
    if side < 6:
        for epoch, stage in HALF.items():
            stages[epoch] = stage
    return stages


@pytest.fixture
def adjudicator(study, member) -> User:
    return member(study, Role.ADJUDICATOR)


@pytest.fixture
def adjudication(hour_night: Recording, adjudicator: User) -> Adjudication:
    count = hour_night.epoch_count
    originals = [
        finished_scoring(hour_night, f"scorer {side}", stages_of(side, count))
        for side in random.Random(2).sample(range(SIDES), SIDES)
    ]
    return start_adjudication(scorings=originals, user=adjudicator, seed=1)


def part(page: Page, name: str):
    return page.locator(f'[data-part="{name}"]')


def at(page: Page, epoch: int) -> None:
    expect(part(page, "epoch")).to_have_text(f"epoch {epoch + 1}")
    expect(part(page, "traceCanvas")).not_to_have_attribute("data-waiting", "")


def test_a_majority_settles_most_and_keys_the_rest(page_of, adjudicator, adjudication):
    page = page_of(adjudicator, color_scheme="light", reduced_motion="reduce")
    page.goto(f"/adjudications/{adjudication.pk}/")
    page.wait_for_selector("[data-adjudication][data-ready]")
    press = page.keyboard.press
    expect(part(page, "progress")).to_have_text("7 left of 7")
    press("Shift+R")
    rule = page.get_by_role("dialog", name="Settle by rule")
    expect(rule).to_contain_text("9 of 12 if all vote")
    part(page, "rulePreview").press("Enter")
    expect(rule).to_contain_text("4 epochs settled, 3 left to settle by hand.")
    expect(rule).to_contain_text("beside a transition")
    assert findings(page) == []
    assert unreached(page) == {}
    page.set_viewport_size({"width": 1440, "height": 900})
    part(page, "ruleApply").press("Enter")
    expect(part(page, "progress")).to_have_text("3 left of 7")

    at(page, 20)
    assert findings(page) == []
    assert unreached(page) == {}
    page.set_viewport_size({"width": 1440, "height": 900})
    press("v")  # looking at the signal is as in the workbench
    expect(part(page, "measureValues")).to_contain_text("µV")
    press("Escape")
    press("y")
    expect(part(page, "cuts")).to_be_visible()
    press("Escape")
    of_n3 = adjudication.sides.filter(scoring__scores__epoch=20, scoring__scores__stage="N3")
    letter = of_n3.last().letter
    press("3")  # the stage, with the fullest of its rationales
    press({"D": "4", "E": "5"}.get(letter, letter.lower()))  # with the rationale of this scoring
    expect(part(page, "reasonAsk")).to_have_text(f"N3 of {letter}, because")
    press("3")  # accepts the stage again, and is no reason
    press("Shift+8")
    at(page, 40)
    for key in ("r", "Shift+1"):
        press(key)
    at(page, BESIDE_TRANSITION)
    for key in ("2", "Shift+5"):
        press(key)
    expect(part(page, "progress")).to_have_text("all settled")

    page.goto(f"/adjudications/{adjudication.pk}/?epoch=30")  # settled by rule; taken out again
    page.wait_for_selector("[data-adjudication][data-ready]")
    expect(part(page, "status")).to_contain_text("settled by rule")
    press("u")
    expect(part(page, "progress")).to_have_text("1 left of 7")
    press("z")
    expect(part(page, "progress")).to_have_text("all settled")
    press("Shift+C")
    part(page, "commentText").fill("Spindle?")
    part(page, "commentText").press("Control+Enter")
    expect(part(page, "commentList")).to_contain_text("Spindle?")
    press("Escape")
    expect(part(page, "commentCount")).to_have_text("comments (1)")
    expect(part(page, "saveState")).to_contain_text("saved")

    press("Shift+S")
    dialog = page.get_by_role("dialog", name="Consensus")
    expect(dialog).to_contain_text("By rule4")
    dialog.get_by_role("button", name="Create consensus").press("Enter")
    expect(page.get_by_role("link", name="Open consensus")).to_be_visible()
    consensus = Scoring.objects.get(adjudication=adjudication)
    stages = dict(consensus.scores.values_list("epoch", "stage"))
    assert [stages[epoch] for epoch in (4, 30, 80, 20, 40, 59)] == [
        *("N2", "N2", "N3"),
        *("N3", "R", "N2"),
    ]
    made = provenances([adjudication])[adjudication.pk]
    assert (made.by_rule, made.by_hand) == (4, 3)
