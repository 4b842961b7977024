"""An import that is a copy of a scoring of this site is never counted as another person."""

import random

import pytest
from django.core.management import call_command

from annotations.adjudication.lifecycle import AdjudicationRefusedError, start_adjudication
from annotations.adjudication.reading import comparable_scorings
from annotations.agreement.report import agreement_report
from annotations.agreement.scope import outline_of
from annotations.agreement.sheet import compared_columns, sheet_of
from annotations.exchange.copies import COPY, OWN, WITHOUT_ANSWER, find_copy
from annotations.exchange.files import NamedFile
from annotations.exchange.import_work import preview_files, write_files
from annotations.exchange.plan import Counting, ImportOptions
from annotations.exchange.scoring_files import import_contents, import_stages
from annotations.rating.sources import references_of
from annotations.releases.composition import Composition, ReleaseSource
from annotations.releases.nights import other_stages
from annotations.releases.selection import copy_notes, selected_scorings
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import close_scoring, consensus_scorer, create_scoring
from psg.doubts import OpenDoubtsError
from psg.stagefiles.marks import mark_of, read_mark
from psg.stages import STAGES, Stage
from recordings.models import Recording, Subject

pytestmark = pytest.mark.django_db

EPOCHS = 240


@pytest.fixture
def night(study):
    return Recording.objects.create(
        study=study,
        subject=Subject.objects.create(study=study, code="S1"),
        name="S1",
        state=Recording.State.LABELS_ONLY,
        epoch_count=EPOCHS,
        duration_s=EPOCHS * 30.0,
        sha256="a" * 64,
    )


def drawn(seed, *, like=None, changed=0):
    """Return stages at random, or those of `like` with some epochs changed."""
    chance = random.Random(seed)
    if like is None:
        return [chance.choice(STAGES) for _ in range(EPOCHS)]
    stages = list(like)
    for epoch in chance.sample(range(EPOCHS), changed):
        stages[epoch] = Stage.W if stages[epoch] is not Stage.W else Stage.R
    return stages


def consensus(recording, stages):
    scoring = create_scoring(recording=recording, scorer=consensus_scorer(study=recording.study))
    contents = [(n, ScoreContent(stage=stage)) for n, stage in enumerate(stages)]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.CONSENSUS)
    return close_scoring(scoring=scoring)


def figures(study):
    sheet = sheet_of(Scoring.objects.filter(recording__study=study))
    return agreement_report(sheet, compared_columns(sheet)).as_json()


@pytest.fixture
def scored(night):
    """The night with two imported scorers and their consensus; return the consensus' stages."""
    first = drawn(1)
    import_stages(recording=night, scorer_label="Anna", stages=first)
    import_stages(recording=night, scorer_label="Ben", stages=drawn(2, like=first, changed=40))
    settled = drawn(3, like=first, changed=20)
    consensus(night, settled)
    return settled


def test_an_exported_consensus_that_comes_in_again_changes_no_figure(night, scored):
    before = figures(night.study)
    copy = import_stages(recording=night, scorer_label="From elsewhere", stages=scored)
    assert (copy.copy_of.scorer.label, copy.copied_kind) == ("Consensus", "consensus")
    assert figures(night.study) == before
    outline = outline_of(Scoring.objects.all())
    assert (len(outline.columns), outline.copy_count) == (3, 1)


def test_a_copy_is_no_side_no_reference_and_in_no_release_of_all(night, scored, lead):
    copy = import_stages(recording=night, scorer_label="Copy", stages=scored)
    assert copy not in comparable_scorings(lead, night)
    anna = Scoring.objects.get(scorer__label="Anna")
    with pytest.raises(AdjudicationRefusedError, match="copy"):
        start_adjudication(scorings=[anna, copy], user=None)
    Recording.objects.update(state=Recording.State.READY)
    assert "Copy" not in [source.label for source in references_of(night.study)]
    everything = Composition(source=ReleaseSource.ALL)
    assert copy not in selected_scorings(night.study, everything)
    assert copy_notes(night.study, everything) == [
        "Imported copies of other scorings are left out: 1."
    ]
    assert all(len(stages) == 1 for stages in other_stages(anna).values())


def test_a_copy_of_a_person_is_linked_and_counts_again_when_the_person_is_erased(night, scored):
    anna = Scoring.objects.get(scorer__label="Anna")
    copy = import_stages(recording=night, scorer_label="Anna again", stages=drawn(1))
    assert (copy.copy_of, copy.copied_kind) == (anna, "")
    Scoring.objects.filter(pk=copy.pk).update(copy_of=None)
    assert copy in Scoring.objects.originals()


def test_a_nearly_equal_file_is_asked_about_and_the_answer_holds(night, scored):
    stages = drawn(4, like=scored, changed=1)
    with pytest.raises(OpenDoubtsError, match="239 of 240 stages equal those of Consensus"):
        import_stages(recording=night, scorer_label="New", stages=stages)
    assert not Scoring.objects.filter(scorer__label="New").exists()
    assert find_copy(recording=night, stages=stages, answer=COPY).kind == "consensus"
    assert not find_copy(recording=night, stages=stages, answer=OWN).is_copy


def test_a_part_of_a_consensus_is_a_copy_too(night, scored):
    stages = [stage if epoch >= 60 else None for epoch, stage in enumerate(scored)]
    assert import_stages(recording=night, scorer_label="Part", stages=stages).is_copy


def test_another_person_is_counted(night, scored):
    other = import_stages(
        recording=night, scorer_label="Carla", stages=drawn(5, like=scored, changed=9)
    )
    assert not other.is_copy


def test_a_short_night_on_which_two_agree_is_no_copy_but_that_is_told(labels_only):
    stages = [Stage.W, Stage.N1, Stage.N2, Stage.N3, Stage.R] * 6
    Recording.objects.filter(pk=labels_only.pk).update(epoch_count=30)
    labels_only.refresh_from_db()
    import_stages(recording=labels_only, scorer_label="Anna", stages=stages)
    finding = find_copy(recording=labels_only, stages=stages)
    assert not finding.is_copy
    assert "too short" in finding.doubts[0].what
    assert find_copy(recording=labels_only, stages=stages, answer=COPY).is_copy


def test_a_consensus_of_the_same_file_in_another_study_is_known_a_person_there_is_not(
    night, scored, other_study
):
    elsewhere = Recording.objects.create(
        study=other_study,
        subject=Subject.objects.create(study=other_study, code="S9"),
        name="S9",
        state=Recording.State.LABELS_ONLY,
        epoch_count=EPOCHS,
        duration_s=EPOCHS * 30.0,
        sha256="a" * 64,
    )
    copy = import_stages(recording=elsewhere, scorer_label="X", stages=scored)
    assert copy.copied_kind == "consensus"
    anna = import_stages(recording=elsewhere, scorer_label="Anna", stages=drawn(1))
    assert not anna.is_copy


def test_the_mark_of_a_file_tells_a_model_of_another_site(night):
    stages = drawn(6)
    contents = list(enumerate(ScoreContent(stage=stage) for stage in stages))
    copy = import_contents(
        recording=night,
        scorer_label="X",
        contents=contents,
        provenance={},
        mark=mark_of("model", stages),
    )
    assert (copy.copy_of, copy.copied_kind, copy.is_copy) == (None, "model", True)


def test_a_marked_file_that_was_changed_is_asked_about(night):
    mark = mark_of("model", drawn(6))
    finding = find_copy(recording=night, stages=drawn(7, like=drawn(6), changed=30), mark=mark)
    assert finding.doubts[0].is_open
    assert "changed since" in finding.doubts[0].what


@pytest.mark.parametrize("encoding", ["ascii", "utf-16"])
def test_a_mark_is_found_at_the_beginning_of_a_file_alone(encoding):
    mark = mark_of("consensus", [Stage.W, None])
    assert read_mark(f"# {mark}\nW\n?\n".encode(encoding)) == mark
    assert read_mark(b"W\n" * 4000 + f"# {mark}\n".encode()) is None
    assert read_mark(b"Epochwise_person_0123456789abcdef") is None


def test_an_exported_consensus_comes_in_again_by_massex_as_a_copy(night, scored, lead, client_of):
    before = figures(night.study)
    rows = "".join(f"S1#{n}_{stage},S1,{n},{stage},\n" for n, stage in enumerate(scored))
    data = f"custom_id,Subject,N,Stage,applicable_rules\n{rows}".encode()
    files = [NamedFile("S1.csv", lambda: data)]
    options = ImportOptions(scorer="Elsewhere", counting=Counting.EPOCHS)
    preview = preview_files(night.study, files, options, None)
    assert "copy of those by Consensus" in preview.files[0].warnings[0].what
    digests = {file.path: file.digest for file in preview.files}
    (result,) = write_files(night.study, files, options, None, digests=digests)
    assert result.epochs == EPOCHS
    assert Scoring.objects.get(scorer__label="Elsewhere").is_copy
    assert figures(night.study) == before


def test_where_nobody_can_be_asked_what_is_nearly_equal_is_a_copy(night, scored):
    finding = find_copy(
        recording=night, stages=drawn(4, like=scored, changed=1), answer=WITHOUT_ANSWER
    )
    assert (finding.is_copy, finding.doubts) == (True, ())


def test_a_copy_is_told_by_the_command(night, scored, capsys, tmp_path):
    path = tmp_path / "again.txt"
    path.write_text("".join(f"{stage}\n" for stage in scored))
    call_command(
        "import_scoring", str(path), study=night.study.slug, recording="S1", scorer="Elsewhere"
    )
    assert "Elsewhere is a copy of Consensus" in capsys.readouterr().out
