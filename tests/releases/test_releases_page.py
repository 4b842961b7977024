"""The pages of releases: terms, compose, preview, freeze, compare, take away, withdraw."""

import io
import re
import zipfile

import pytest

from annotations.releases.models import Release, ReleaseEvent
from annotations.releases.planning import preview_of
from annotations.releases.work import RELEASES
from annotations.scoring.models import EpochScore
from psg.stages import STAGES
from studies.models import Role
from tests.helpers.early import assigned_early

pytestmark = [pytest.mark.django_db, pytest.mark.long]
ASKED = {"title": "Nights", "source": "consensus", "track": "fine", "seed": "1"}


@pytest.fixture
def client(client_of, lead):
    return client_of(lead)


def counts_by_part(page: str) -> dict[str, list[int]]:
    """Read the table of epochs by part: subjects, epochs of each stage, all epochs."""
    table = page.partition('id="parts"')[2].partition("</table>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', table, re.S)
    return {part: [int(n) for n in re.findall(r">(\d+)<", cells)] for part, cells in rows}


def expected_counts(release: Release) -> dict[str, list[int]]:
    preview = preview_of(release)
    return {
        part: [
            preview.subjects[part],
            *(epochs[stage.value] for stage in STAGES),
            sum(epochs.values()),
        ]
        for part, epochs in preview.counts.stages.items()
    }


def test_a_lead_goes_from_terms_to_a_withdrawn_release(client, settled, study):
    study.licence = ""
    study.save()
    scoring = settled("01-0001")
    settled("01-0002")
    assert b"No releases yet" in client.get(f"/studies/{study.slug}/releases/").content
    new = f"/studies/{study.slug}/releases/new/"
    page = client.post(new, {**ASKED, "train": "50", "test": "50"}, follow=True)
    assert b"no licence" in page.content
    assert b'data-opens="freeze"' not in page.content
    terms = {"licence": "CC BY 4.0", "data_terms": "Be kind.", "may_release_words": "on"}
    client.post(f"/studies/{study.slug}/releases/terms/", terms)
    release = Release.objects.get()
    here = f"/releases/{release.pk}/"
    page = client.post(f"{here}compose/", {**ASKED, "train": "50", "test": "50"}, follow=True)
    assert b'data-opens="freeze"' in page.content
    release.refresh_from_db()
    assert counts_by_part(page.content.decode()) == expected_counts(release)
    seen = {"version": "1.0.0", "seen": release.preview["sha256"]}
    page = client.post(f"{here}freeze/", seen, follow=True)
    assert b"hx-get" in page.content
    assert client.get(f"{here}download/").status_code == 404
    RELEASES.run(release.pk)
    assert client.get(f"{here}progress/")["HX-Refresh"] == "true"
    assert b"massex/consensus/annotations/fine/01-0001.csv" in client.get(here).content
    taken = b"".join(client.get(f"{here}download/").streaming_content)
    with zipfile.ZipFile(io.BytesIO(taken)) as archive:
        assert b"Be kind." in archive.read("LICENCE.txt")
    assert ReleaseEvent.objects.filter(release=release, kind="downloaded").count() == 1
    EpochScore.objects.filter(scoring=scoring, epoch=0).update(stage="N1")
    client.post(new, ASKED)
    second = Release.objects.exclude(pk=release.pk).get()
    again = {"version": "1.1.0", "seen": second.preview["sha256"]}
    client.post(f"/releases/{second.pk}/freeze/", again)
    RELEASES.run(second.pk)
    compared = client.get(f"/releases/{second.pk}/?against=1.0.0").content
    assert b"<b>1</b> rows changed" in compared
    page = client.post(f"{here}withdraw/", {"reason": "Epoch 0 is wrong."}, follow=True)
    assert b"Epoch 0 is wrong." in page.content
    assert b"Withdrawn" in client.get(f"/studies/{study.slug}/releases/").content


def test_a_given_split_that_contradicts_itself_is_refused_in_the_form(client, settled, study):
    settled("01-0001")
    new = f"/studies/{study.slug}/releases/new/"
    for given, said in [
        ("01-0001, train\n01-0001, test", "is in two parts"),
        ("01-0001 train", "must be a recording, a comma and a part: train, validation, test."),
    ]:
        assert said in client.post(new, {**ASKED, "given_parts": given}).content.decode()
    assert not Release.objects.exists()


def test_findings_are_listed_marked_and_corrected_on_their_page(client, settled, study):
    scoring = settled("01-0001")
    for epoch, words in enumerate(["Olga turns.", "Olga coughs.", "Ivan <b>sits</b> up."]):
        EpochScore.objects.filter(scoring=scoring, epoch=epoch).update(rationale=words)
    client.post(f"/studies/{study.slug}/releases/new/", ASKED)
    release = Release.objects.get()
    here = f"/releases/{release.pk}/"
    page = b" ".join(client.get(here).content.split())
    assert b"3 passages in the free text" in page
    assert b'data-opens="freeze"' not in page
    listed = client.get(f"{here}findings/").content.decode()
    assert "<mark>Ivan</mark> &lt;b&gt;sits" in listed
    assert f"/scorings/{scoring.pk}/score/?epoch=2" in listed
    assert "Mark all 2 “Olga”" in " ".join(listed.split())
    client.post(f"{here}findings/harmless/", {"words": "Olga"})
    ivan = release.findings.get(words="Ivan")
    text = {"text": "The patient sits up.\r\nAgain."}
    page = client.post(f"{here}findings/{ivan.pk}/correct/", text, follow=True)
    assert b"No passages to review" in page.content
    assert EpochScore.objects.get(scoring=scoring, epoch=2).rationale.endswith("up.\nAgain.")
    assert b"Preview the release again" in client.get(here).content
    page = client.post(f"{here}compose/", ASKED, follow=True)
    assert b'data-opens="freeze"' in page.content
    assert b"marked by night-study-lead" in client.get(f"{here}findings/?done").content
    olga = release.findings.first()
    client.post(f"{here}findings/{olga.pk}/wait/")
    assert b"1 passage to review" in client.get(f"{here}findings/").content


def test_who_still_scores_a_night_blind_cannot_take_it_away(
    client_of,
    member,
    settled,
    frozen,
    study,
):
    scoring = settled("01-0001")
    release = frozen("1.0.0")
    both = member(study, Role.LEAD, Role.ANNOTATOR, username="both")
    assigned_early(scoring.recording, both)
    for what in ("download", "findings"):
        assert client_of(both).get(f"/releases/{release.pk}/{what}/").status_code == 403


def test_a_release_says_how_to_train_on_it_where_its_study_allows_that(
    client, settled, frozen, study
):
    settled("01-0001")
    settled("01-0002")
    release = frozen("1.0.0", given_parts={"01-0001": "train", "01-0002": "validation"})
    here = f"/releases/{release.pk}/"
    command = f"python -m inference.training.train sft --config {study.slug}-1.0.0.toml"
    page = client.get(here).content.decode()
    assert "do not allow model training" in page
    assert command not in page
    study.may_train_models = True
    study.save()
    page = client.get(here).content.decode()
    assert command in page
    assert f"unzip {study.slug}-1.0.0.zip -d {study.slug}-1.0.0" in page
    assert "inference.training.choose" in page
    assert "inference.training.evaluate" not in page, "no subject is held out for a test"
    client.post(f"{here}withdraw/", {"reason": "Epoch 0 is wrong."})
    assert command not in client.get(here).content.decode()


def test_a_release_without_training_subjects_says_so(client, settled, frozen, study):
    study.may_train_models = True
    study.save()
    settled("01-0001")
    release = frozen("1.0.0", given_parts={"01-0001": "test"})
    assert (
        "Create a release with a split" in client.get(f"/releases/{release.pk}/").content.decode()
    )
