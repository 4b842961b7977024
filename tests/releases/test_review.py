"""Looking at a draft's free text: what waits stops the freeze, what is harmless stays so."""

import json

import pytest
from django.core.management import call_command

from annotations.releases.composition import Composition, ReleaseSource
from annotations.releases.findings import open_findings
from annotations.releases.lifecycle import ReleaseRefusedError, ask_to_freeze, change_release
from annotations.releases.models import HarmlessWords
from annotations.releases.review import correct_words, mark_harmless, take_back
from annotations.scoring.models import EpochRevision, EpochScore
from tests.helpers.adjudications import finished_scoring
from tests.helpers.releases import freeze

pytestmark = pytest.mark.django_db
WORDS = "As Helga said on 3 April 2019."


@pytest.fixture
def spoken(settled, draft_release):
    """A draft of one night in which two epochs have the same words, with a name and a date."""
    scoring = settled("01-0001")
    EpochScore.objects.filter(scoring=scoring, epoch__in=[1, 3]).update(rationale=WORDS)
    return draft_release()


def ask(release) -> None:
    seen = release.preview["sha256"]
    ask_to_freeze(release=release, version="1.0.0", seen_sha256=seen, user=None)


def again(release, **changes):
    composition = Composition(**changes)
    return change_release(release=release, title="Nights", composition=composition, user=None)


def test_nothing_is_frozen_before_every_finding_was_looked_at(spoken, lead):
    date, name = spoken.findings.order_by("-start")
    assert (name.words, date.words, name.places) == ("Helga", "3 April 2019", 2)
    assert name.place == "01-0001 by consensus, epoch 2"
    with pytest.raises(ReleaseRefusedError, match="2 passages in the free text"):
        ask(spoken)
    assert mark_harmless(release=spoken, findings=[name.pk], user=lead) == 1
    with pytest.raises(ReleaseRefusedError, match="1 passage in"):
        ask(spoken)
    assert mark_harmless(release=spoken, findings=[name.pk, date.pk], user=lead) == 1
    ask(spoken)


def test_a_harmless_word_stays_so_for_as_long_as_its_text_is_the_same(spoken, lead, draft_release):
    mark_harmless(release=spoken, findings=spoken.findings.values_list("pk", flat=True), user=lead)
    assert open_findings(again(spoken)) == open_findings(draft_release()) == 0
    assert set(HarmlessWords.objects.values_list("user", flat=True)) == {lead.pk}
    EpochScore.objects.filter(rationale=WORDS, epoch=1).update(rationale=f"{WORDS} Sure.")
    assert open_findings(again(spoken)) == 2
    waits = spoken.findings.harmless().first()
    take_back(release=spoken, finding=waits, user=lead)
    assert open_findings(spoken) == 3


def test_words_are_corrected_with_their_history_wherever_the_text_stands(spoken, lead):
    copy = finished_scoring(EpochScore.objects.first().scoring.recording, "Copy", ["W"])
    EpochScore.objects.filter(scoring=copy).update(rationale=WORDS)
    finding = spoken.findings.first()
    text = "As was said before."
    assert correct_words(release=spoken, finding=finding, text=text, user=lead) == 3
    revisions = EpochRevision.objects.filter(why=EpochRevision.Why.REDACTED)
    assert {(r.user, r.before["rationale"], r.after["rationale"]) for r in revisions} == {
        (lead, WORDS, text)
    }
    assert {score.version for score in EpochScore.objects.filter(rationale=text)} == {2}
    spoken.refresh_from_db()
    with pytest.raises(ReleaseRefusedError, match="Preview the release again"):
        ask(spoken)
    with pytest.raises(ReleaseRefusedError, match="changed in another window"):
        correct_words(release=spoken, finding=finding, text="Once more", user=lead)
    ask(again(spoken))


def test_only_what_leaves_is_searched(spoken):
    assert open_findings(again(spoken, track="coarse")) == 0
    EpochScore.objects.filter(epoch=1).update(flags=["artefact"])
    assert again(spoken, left_out_flags=("artefact",)).findings.first().places == 1


def test_guidelines_and_names_of_imported_scorers_are_searched_too(settled, draft_release):
    scoring = settled("01-0001")
    scoring.guideline = "Ask Dr. Weissenberg."
    scoring.save()
    by_import = finished_scoring(scoring.recording, "Prof. Lindqvist", ["W"])
    EpochScore.objects.filter(scoring=by_import).update(rationale="", source_text="Stage of Olga")
    found = draft_release(source=ReleaseSource.ALL).findings.values_list("where", "words")
    assert set(found) == {
        ("guideline", "Weissenberg"),
        ("scorer", "Lindqvist"),
        ("stage_text", "Olga"),
    }


def test_the_list_is_there_in_the_shell_with_who_looked(spoken, lead, open_study, capsys):
    def release(*words: str) -> dict:
        call_command("release", *words, "--study", open_study.slug, "--json")
        return json.loads(capsys.readouterr().out)

    listed = release("findings", str(spoken.pk))["findings"]
    assert [one["words"] for one in listed] == ["3 April 2019", "Helga"]
    numbers = [str(one["finding"]) for one in listed]
    said = release("harmless", str(spoken.pk), *numbers, "--by", lead.username)
    assert said == {"marked": 2, "waiting": 0}
    assert {mark.user for mark in HarmlessWords.objects.all()} == {lead}


def test_the_manifest_says_that_free_text_was_searched(spoken):
    searched = freeze(spoken, "1.0.0").manifest["free_text"]
    assert searched == {"search": "epochwise-free-text/1", "texts": 10, "said_harmless": 2}
