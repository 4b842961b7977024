"""Answers that hold for a single night, and answers that are taken back."""

import pytest

from psg.errors import PsgError
from psg.stagefiles.declared import digest_of
from recordings.intake.answers import BY_LABEL, AnswerError, merged
from recordings.intake.deciding import answer_doubt, decide
from recordings.intake.models import IntakeNight, IntakeRule
from recordings.intake.receiving import open_queue
from recordings.intake.rules import options_for_formats

MAP = {"C4-M1": {"positive": "EEG 1", "negative": ""}, "Chin": None}


def test_a_derivation_is_left_to_its_label_again():
    said = {"channels": {"C4-M1": BY_LABEL}}
    assert merged({"channels": MAP}, said) == {"channels": {"Chin": None}}
    assert merged({}, said) == {"channels": {}}


@pytest.mark.django_db
def test_the_start_of_a_night_is_not_kept_for_others(study, lead):
    doubt = {"code": "start_clock", "assumed": "No clock time is shown.", "choices": []}
    queue = open_queue(study=study, user=lead)
    night = IntakeNight.objects.create(queue=queue, doubts=[doubt])
    with pytest.raises(AnswerError, match="cannot be used"):
        answer_doubt(night=night, code="start_clock", value="22:30:00", keep=True)
    assert not IntakeRule.objects.exists()


NAMED = "Erika Beispiel hustet"
TEXTS = {
    "code": "unknown_texts",
    "where": f"2 × “{NAMED}” (first: line 3), 1 × “Zzz”",
    "choices": [{"value": "unscored"}, {"value": "R"}, {"value": "N2"}],
}
PLACE = {"code": "place", "where": "", "choices": [{"value": "index"}]}


@pytest.mark.django_db
def test_a_declared_text_is_kept_as_its_digest_and_means_what_was_said_last(study, lead):
    queue = open_queue(study=study, user=lead)
    night = IntakeNight.objects.create(queue=queue)
    file = queue.files.create(
        name="s.txt",
        path="s",
        size_bytes=1,
        kind="stages",
        night=night,
        doubts=[TEXTS],
        facts={"format": "lines"},
    )
    digest, other = digest_of(NAMED), digest_of("Zzz")
    said = []
    for value in ("R", "N2", "unscored"):
        answer_doubt(
            night=night, code="unknown_texts", value=value, file=file, keep=True, user=lead
        )
        said.append({key: texts for key, texts in file.options.items() if texts})
        assert IntakeRule.objects.get().value == {"unscored": [], "meanings": [], **said[-1]}
    assert said == [
        {"meanings": [f"{digest}=R"]},
        {"meanings": [f"{digest}=N2"]},
        {"unscored": [digest, other]},
    ]


@pytest.mark.django_db
def test_where_the_stages_of_a_file_lie_is_not_kept_for_others(study, lead):
    queue = open_queue(study=study, user=lead)
    night = IntakeNight.objects.create(queue=queue)
    file = queue.files.create(
        name="s.csv",
        path="s",
        size_bytes=1,
        kind="stages",
        night=night,
        doubts=[PLACE],
        facts={"format": "table"},
    )
    with pytest.raises(AnswerError, match="cannot be used"):
        answer_doubt(night=night, code="place", value="index", file=file, keep=True, user=lead)
    assert not IntakeRule.objects.exists()
    IntakeRule.objects.create(
        study=study, kind="stages", key="table", value={"place": "index", "codes": "yasa"}
    )
    assert options_for_formats(study) == {"table": {"codes": "yasa"}}


@pytest.mark.parametrize("key", ["channels", "units"])
@pytest.mark.parametrize("value", ["x", ["x"], -1, True])
@pytest.mark.django_db
def test_decisions_of_another_kind_are_refused_in_words(study, lead, key, value):
    queue = open_queue(study=study, user=lead)
    night = IntakeNight.objects.create(queue=queue, decisions={"units": {"C4": "mV"}})
    with pytest.raises(PsgError, match="not in the expected format"):
        decide(night=night, given={key: value})
    assert IntakeNight.objects.get().decisions == {"units": {"C4": "mV"}}
