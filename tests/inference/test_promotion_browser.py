"""A new model in a study: registered, used for pre-scoring, compared, and promoted."""

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from inference.adapters import RawReply
from inference.models import PreScoreRun, Promotion
from inference.registry.bundles import built_in_folder, find_bundle
from inference.registry.promotions import promoted_bundle
from inference.runs import work
from inference.runs.lifecycle import start_run
from jobs.workers import start_heartbeat, stop_heartbeat
from tests.helpers.accessibility import findings

pytestmark = pytest.mark.django_db(transaction=True)


class Says:
    """Answers one stage for every epoch."""

    renderer_version = ""
    about: dict[str, str] = {}

    def __init__(self, stage: str) -> None:
        self.text = f'{{"reasoning_text": "So.", "applicable_rules": [], "sleep_stage": "{stage}"}}'

    def replies(self, night, epochs):
        yield [RawReply(epoch=epoch, text=self.text) for epoch in epochs]


@pytest.fixture
def reads(monkeypatch, study):
    """Let a worker that says one stage read what waits."""

    def read(stage: str) -> None:
        monkeypatch.setattr(work, "adapter_of", lambda bundle: Says(stage))
        while work.score_next_chunk(adapters=["rules"]):
            pass

    start_heartbeat(name="test", queues=["gpu"], abilities=lambda: ["rules"])
    yield read
    stop_heartbeat()


def test_a_new_model_is_registered_compared_and_promoted(page_of, lead, study, hour_night, reads):
    old = find_bundle("rules")
    start_run(recording=hour_night, bundle=old)
    reads("W")
    by_shell = ["--study", study.slug, "--reason", "It is all there is."]
    call_command("promote_bundle", "rules", *by_shell, "--by", lead.username)
    call_command("add_bundle", str(built_in_folder("rules")), "--name", "ours")
    new = find_bundle("ours")

    page: Page = page_of(lead, color_scheme="light", reduced_motion="reduce")
    page.goto(f"/studies/{study.slug}/models/")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=str(new)))
    in_use = page.locator("header strong")
    expect(in_use).to_have_text(str(old))
    expect(card.get_by_role("button", name="Set as default model")).to_have_count(0)
    card.get_by_role("link", name="Pre-score some recordings").click()
    new_run = page.get_by_role("region", name="New runs")
    new_run.get_by_label("Model", exact=True).select_option(label=str(new))
    page.get_by_role("button", name="Pre-score all recordings").click()
    expect(page.get_by_text("1 run started.")).to_be_visible()
    reads("N2")
    assert PreScoreRun.objects.filter(bundle=new, state=PreScoreRun.State.DONE).exists()

    page.goto(f"/studies/{study.slug}/models/")
    card.get_by_role("link", name=f"with {old}").click()
    expect(page.get_by_role("heading", name=f"{new} vs {old} (reference)")).to_be_visible()
    expect(page.get_by_text("0.0 % agree with the reference")).to_be_visible()
    page.go_back()

    card.get_by_role("button", name="Set as default model").press("Enter")
    dialog = page.get_by_role("dialog", name=str(new))
    expect(dialog).to_contain_text(f"The default model is now {old}")
    assert findings(page, within="dialog[open]") == []
    dialog.get_by_role("button", name="Set as default model", exact=True).press("Enter")
    assert not dialog.get_by_label("Reason").evaluate("field => field.checkValidity()")
    dialog.get_by_label("Reason").fill("Kappa 0.81 against the consensus, old 0.74.")
    dialog.get_by_role("button", name="Set as default model", exact=True).press("Enter")
    expect(card.get_by_text("Default model", exact=True)).to_be_visible()
    expect(in_use).to_have_text(str(new))
    last = page.get_by_role("row").filter(has_text="old 0.74")
    expect(last).to_contain_text(str(lead))
    assert promoted_bundle(study) == new
    assert Promotion.objects.count() == 2
    above = page.get_by_role("navigation", name="Breadcrumb")
    above.get_by_role("link", name="Pre-scoring").click()
    expect(new_run.get_by_label("Model", exact=True)).to_have_value(str(new.pk))
