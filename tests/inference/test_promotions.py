"""Which model a study reads with: decided by its lead, after a night was read, with a reason."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inference.models import ModelBundle, PreScoreRun, Promotion
from inference.registry.bundles import built_in_folder, register_bundle
from inference.registry.promotions import promoted_bundle
from inference.runs.lifecycle import start_run
from studies.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(db) -> ModelBundle:
    return register_bundle(folder=built_in_folder("rules"), name="second")[0]


@pytest.fixture
def read(noise_night, rules_bundle, other) -> list[ModelBundle]:
    """Two models, each of which has read the night to its end."""
    for bundle in (rules_bundle, other):
        start_run(recording=noise_night, bundle=bundle)
    PreScoreRun.objects.update(state=PreScoreRun.State.DONE)
    return [rules_bundle, other]


@pytest.fixture
def lead_client(client_of, lead):
    return client_of(lead)


def send(client, study, bundle, decision: str, reason: str = "Kappa 0.81 against the consensus."):
    url = f"/studies/{study.slug}/models/{bundle.pk}/promote/"
    return client.post(url, {"decision": decision, "reason": reason}, follow=True)


def test_the_model_promoted_last_is_the_one_until_it_is_taken_back(lead_client, lead, study, read):
    first, second = read
    send(lead_client, study, first, "promoted")
    assert promoted_bundle(study) == first
    page = send(lead_client, study, second, "promoted", "Better in N1.").content.decode()
    assert promoted_bundle(study) == second
    assert "Default model of this study: <strong>" + str(second) in page
    assert f"?a={first.scorer_id}&amp;b={second.scorer_id}" in page
    send(lead_client, study, first, "declined", "Worse in N1.")
    assert promoted_bundle(study) == second
    send(lead_client, study, second, "declined", "Wrong on night 3.")
    assert promoted_bundle(study) is None
    told = [(one.bundle, one.decision, one.reason, one.user) for one in study.promotions.all()]
    assert told[0] == (second, "declined", "Wrong on night 3.", lead)
    assert len(told) == 4


def test_who_oversees_reads_the_decisions_and_makes_none(
    member, client_of, lead_client, study, read
):
    send(lead_client, study, read[0], "promoted")
    client = client_of(member(study, Role.VIEWER))
    page = client.get(f"/studies/{study.slug}/models/").content.decode()
    assert "Kappa 0.81 against the consensus." in page
    assert "data-opens" not in page
    assert send(client, study, read[1], "promoted").status_code == 403
    told = client.get(f"/api/v1/studies/{study.slug}/bundles/").json()
    assert told["promoted"] == read[0].pk
    assert [one["decision"] for one in told["decisions"]] == ["promoted"]


def test_without_a_reason_or_a_night_read_nothing_is_decided(lead_client, study, rules_bundle):
    said = send(lead_client, study, rules_bundle, "promoted").content.decode()
    assert "has not pre-scored a recording of this study yet" in said
    assert (
        "Enter a reason" in send(lead_client, study, rules_bundle, "promoted", " ").content.decode()
    )
    assert "Enter a reason" in send(lead_client, study, rules_bundle, "crowned").content.decode()
    assert not Promotion.objects.exists()


def test_promoting_twice_is_refused(lead_client, study, read):
    send(lead_client, study, read[0], "promoted")
    assert (
        "already the default model"
        in send(lead_client, study, read[0], "promoted").content.decode()
    )
    assert Promotion.objects.count() == 1


def test_the_promoted_model_is_meant_where_none_is_named(
    lead_client, study, read, make_noise_night, noise_epochs
):
    other_night = make_noise_night(noise_epochs[:4], name="S2")
    asked = {"recording": other_night.pk}
    url = f"/api/v1/studies/{study.slug}/runs/"
    refused = lead_client.post(url, json.dumps(asked), content_type="application/json")
    assert (refused.status_code, "no default model" in refused.json()["detail"]) == (409, True)
    with pytest.raises(CommandError, match="no default model"):
        call_command("prescore", "--study", study.slug)
    send(lead_client, study, read[1], "promoted")
    started = lead_client.post(url, json.dumps(asked), content_type="application/json")
    assert (started.status_code, started.json()["bundle"]) == (201, "second")
    page = lead_client.get(f"/studies/{study.slug}/runs/").content.decode()
    assert f'<option value="{read[1].pk}" selected>' in page


def test_another_study_has_its_own_promoted_model(lead_client, study, other_study, read):
    send(lead_client, study, read[0], "promoted")
    assert promoted_bundle(other_study) is None


def shell(bundle: ModelBundle, study, *more: str, reason: str = "Kappa 0.83 on ten nights.") -> str:
    out = StringIO()
    asked = [bundle.name, "--study", study.slug, "--reason", reason, *more]
    call_command("promote_bundle", *asked, stdout=out)
    return out.getvalue()


def test_the_shell_decides_as_the_page_does_and_says_in_whose_name(lead, lead_client, study, read):
    first, second = read
    assert shell(first, study).strip() == f"{first}: set as default model."
    told = json.loads(shell(second, study, "--by", lead.username, "--json"))
    assert (told["decision"], told["promoted"], told["by"]) == ("promoted", "second", lead.username)
    assert promoted_bundle(study) == second
    page = lead_client.get(f"/studies/{study.slug}/models/").content.decode()
    assert "command line" in page
    assert "no default model" in shell(second, study, "--decline", reason="Wrong in N1.")
    assert promoted_bundle(study) is None
    assert [one.user for one in study.promotions.all()] == [None, lead, None]


def test_the_shell_promotes_an_older_version_by_its_number(study, read):
    newest = read[1]
    ModelBundle.objects.filter(pk=newest.pk).update(name=read[0].name, version="2")
    shell(read[0], study, "--bundle-version", "2")
    assert promoted_bundle(study) == newest
    with pytest.raises(CommandError, match=r"no version “3”.*Registered are: 2, 1"):
        shell(read[0], study, "--bundle-version", "3")


def test_what_the_shell_may_not_decide_is_said_in_a_line(member, study, other_study, read):
    viewer = member(study, Role.VIEWER)
    lead_elsewhere = member(other_study, Role.LEAD)
    for asked, said in (
        ([read[0], study, "--by", viewer.username], "does not lead"),
        ([read[0], study, "--by", lead_elsewhere.username], "does not lead"),
        ([read[0], study, "--by", "nobody"], "does not lead"),
        ([read[0], other_study], "has not pre-scored a recording of this study"),
        ([ModelBundle(name="none"), study], "There is no bundle “none”"),
    ):
        with pytest.raises(CommandError, match=said):
            shell(*asked)
    with pytest.raises(CommandError, match="Enter a reason"):
        shell(read[0], study, reason=" ")
    assert not Promotion.objects.exists()
