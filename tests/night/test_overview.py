"""The overview of a recording: axis, statistics and agreement, of what a person may see."""

import json
import re
from html import unescape
from xml.etree import ElementTree

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.adjudication.lifecycle import start_adjudication
from annotations.adjudication.majority import Votes, usual_rule
from annotations.agreement.one_night import majorities, scored_nights
from annotations.night.events import events_by_epoch
from annotations.night.figures import figures_of, settled_by
from annotations.night.overview import overview_of
from annotations.scoring.assignments import assign
from annotations.scoring.events import keep_events
from annotations.scoring.models import ScoredEvent, Scorer, Scoring
from annotations.scoring.scorings import consensus_scorer, scorer_of_user
from psg.stagefiles.facts import EventKind, FileEvent
from recordings.models import Recording
from studies.models import Mode, Role
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db

NIGHT = ["W", "N1", "N2", "N2", "N3", "N3", "R", "R", "W", "W"]
TABS = (
    "recordings:recording",
    "annotations:recording-scorings",
    "annotations:recording-agreement",
    "recordings:channels",
    "recordings:intake-record",
    "recordings:history",
    "annotations:night-report",
)


def url(name: str, recording: Recording) -> str:
    return reverse(name, args=[recording.pk])


def page(client, name: str, recording: Recording) -> str:
    answer = client.get(url(name, recording))
    assert answer.status_code == 200
    return answer.content.decode()


def changed(at: int, stage: str | None) -> list[str | None]:
    return [stage if epoch == at else given for epoch, given in enumerate(NIGHT)]


def axis_in(text: str) -> dict:
    return json.loads(unescape(re.search(r"data-axis='(.*?)'", text).group(1)))


def make_consensus(recording: Recording) -> Scoring:
    scoring = finished_scoring(recording, "to be consensus", NIGHT)
    Scoring.objects.filter(pk=scoring.pk).update(scorer=consensus_scorer(study=recording.study))
    return scoring


class TestFigures:
    def test_statistics_are_the_median_and_range_of_scorers_beside_the_consensus(
        self, labels_only, lead
    ):
        make_consensus(labels_only)
        for n, stage in enumerate(("N3", "N2", "N1")):
            finished_scoring(labels_only, f"S{n}", [*[stage] * 3, *NIGHT[3:]])
        rows = {row.name: row for row in figures_of(labels_only, lead).spreads}
        n3 = rows["N3 of sleep"]
        assert (n3.scorers, n3.median, n3.low) == (3, 25.0, 25.0)
        assert n3.high == pytest.approx(62.5)
        assert n3.consensus == pytest.approx(100 * 2 / 7)

    def test_copies_unfinished_scorings_and_models_are_not_in_the_median(self, labels_only, lead):
        first = finished_scoring(labels_only, "A", NIGHT)
        finished_scoring(labels_only, "B", changed(0, "N1"))
        assert figures_of(labels_only, lead).left_out == ""
        copy, model, begun = (
            finished_scoring(labels_only, n, ["N1", *[None] * 9]) for n in ("Copy", "Model", "Open")
        )
        Scoring.objects.filter(pk=copy.pk).update(copy_of=first)
        Scorer.objects.filter(pk=model.scorer_id).update(kind="model")
        Scoring.objects.filter(pk=begun.pk).update(state="open")
        figures = figures_of(labels_only, lead)
        sleep = next(row for row in figures.spreads if row.name == "Total sleep time")
        assert (figures.scorers, sleep.scorers, sleep.low, sleep.high) == (2, 2, 3.5, 4.0)
        assert figures.left_out == "Not in these figures: 1 unfinished scoring, 1 copy, 1 model."

    @pytest.mark.parametrize(
        ("kind", "state", "scorers"), [("model", "submitted", 1), ("import", "open", 0)]
    )
    def test_a_model_counts_where_nobody_finished_and_an_unfinished_scoring_never(
        self, labels_only, lead, client_of, kind, state, scorers
    ):
        scoring = finished_scoring(labels_only, "A", NIGHT)
        Scorer.objects.filter(pk=scoring.scorer_id).update(kind=kind)
        Scoring.objects.filter(pk=scoring.pk).update(state=state)
        assert figures_of(labels_only, lead).scorers == scorers
        for name in ("recordings:recording", "annotations:night-report"):
            assert (
                "no finished scoring" in page(client_of(lead), name, labels_only)
            ) is not scorers

    @pytest.mark.parametrize(
        ("votes", "models", "flagged", "expected"),
        [
            ("NNNW", 0, False, (1, 0, 1)),
            ("NNNW", 1, False, (1, 0, 0)),  # 2 of 3 people
            ("NNNW", 0, True, (1, 0, 0)),
            ("NNN.", 0, False, (0, 1, 1)),  # who gave a stage agrees
            ("NNWW", 0, False, (1, 0, 0)),
            ("NW", 0, False, (1, 0, 0)),
            ("....", 0, False, (0, 0, 0)),
        ],
    )
    def test_what_the_rule_of_a_majority_settles(self, votes, models, flagged, expected):
        stage_of = {"N": 2, "W": 0, ".": -1}
        sides = len(votes)
        codes = np.full((9, sides), 2, dtype=np.int8)
        codes[4] = [stage_of[vote] for vote in votes]
        is_flagged = np.arange(9) == (4 if flagged else -1)
        settled = settled_by(usual_rule(sides), Votes(codes, np.arange(sides) < models, is_flagged))
        assert (settled.disputed, settled.partial, settled.epochs) == expected

    def test_its_numbers_are_those_of_the_list_and_of_an_adjudication(self, labels_only, lead):
        scorings = [
            finished_scoring(labels_only, "A", changed(3, None)),
            finished_scoring(labels_only, "B", changed(5, "R")),
        ]
        figures = figures_of(labels_only, lead)
        assert figures.settled.disputed == figures.scorings.differing_count == 1
        assert "differ on 1 epoch, 1 epoch has no stage by some;" in figures.settled.words
        adjudication = start_adjudication(scorings=scorings, user=None)
        settled = adjudication.decisions.values_list("epoch", flat=True)
        assert labels_only.epoch_count - len(settled) == figures.settled.to_settle == 2

    def test_a_majority_beside_a_transition_is_left_to_people(self, labels_only, lead):
        stages = ["W"] * 3 + ["N2"] * 7
        for label in "ABC":
            finished_scoring(labels_only, label, stages)
        finished_scoring(labels_only, "D", [*["W"] * 4, *["N2"] * 3, "N1", *["N2"] * 2])
        settled = figures_of(labels_only, lead).settled
        assert (settled.scorings, settled.disputed, settled.epochs) == (4, 2, 1)
        begun = finished_scoring(labels_only, "E", ["R"] * 10)
        Scoring.objects.filter(pk=begun.pk).update(state="open")
        assert figures_of(labels_only, lead).settled == settled
        Scoring.objects.filter(pk=begun.pk).update(state="submitted")
        assert figures_of(labels_only, lead).settled.disputed == 10

    def test_an_epoch_that_nobody_scored_has_no_majority(self, labels_only):
        scorings = [finished_scoring(labels_only, n, changed(0, None)) for n in "AB"]
        first, second, *_ = majorities(scored_nights(labels_only, scorings))
        assert (first.given, first.dissent) == (0, 0.0)
        assert (second.given, second.largest) == (2, 2)

    def test_withdrawn_scorings_and_copies_do_not_count(self, labels_only, lead):
        first = finished_scoring(labels_only, "A", NIGHT)
        finished_scoring(labels_only, "B", NIGHT)
        gone, copy = (finished_scoring(labels_only, n, changed(0, "R")) for n in ("Gone", "Copy"))
        Scoring.objects.filter(pk=gone.pk).update(state="withdrawn")
        Scoring.objects.filter(pk=copy.pk).update(copy_of=first)
        overview = overview_of(labels_only, lead)
        assert {row["label"] for row in overview.axis.scorers} == {"A", "B", "Copy"}
        assert overview.figures.settled.disputed == 0
        assert overview.figures.scorers == 2


class TestAxis:
    def test_it_holds_scorings_disagreement_and_events(self, labels_only, lead, client_of):
        consensus = make_consensus(labels_only)
        scorings = [finished_scoring(labels_only, n, changed(ord(n) % 3, "R")) for n in "ABCD"]
        far = labels_only.end_s - 1
        events = [FileEvent(0.0, 31.0, EventKind.AROUSAL), FileEvent(far, 1e9, EventKind.LIMB)]
        keep_events(scoring=scorings[0], events=events)
        axis = axis_in(page(client_of(lead), "recordings:recording", labels_only))
        shown = [row["label"] for row in axis["scorers"] if row["shown"]]
        assert shown == [consensus_scorer(study=labels_only.study).label, "A", "B"]
        assert axis["scorers"][0]["stages"] == "W12233RRWW"
        assert axis["scorers"][0]["address"] == reverse(
            "annotations:workbench", args=[consensus.pk]
        )
        assert len(axis["differ"]) == len(axis["given"]) == 10
        counts = {row["label"]: row["counts"] for row in axis["events"]}
        assert counts["Arousals"][:3] == [1, 1, 0]
        assert counts["Limb movements"][-1] == 1

    def test_events_of_several_files_are_not_added_up(self, labels_only, lead):
        first, second, copy = (finished_scoring(labels_only, n, NIGHT) for n in "ABC")
        Scoring.objects.filter(pk=copy.pk).update(copy_of=first)
        start = labels_only.epoch0_s
        for scoring, times in ((first, 1), (second, 2), (copy, 3)):
            events = [FileEvent(start + 5.0 + n, 0.0, EventKind.AROUSAL) for n in range(times)]
            keep_events(scoring=scoring, events=events)
        keep_events(scoring=first, events=[FileEvent(start + 35.0, 1.0, EventKind.AROUSAL)])
        overview = overview_of(labels_only, lead)
        assert [row["counts"][:3] for row in overview.axis.events] == [[2, 1, 0]]
        assert overview.has_events_of_several

    @pytest.mark.parametrize(
        ("start_s", "duration_s"),
        [(0, 0), (0, 30), (29, 2), (30, 0), (-10, 5), (-10, 45), (299, 1e9), (400, 1), (15, 60.5)],
    )
    def test_an_event_counts_in_every_epoch_that_it_touches(self, start_s, duration_s):
        counts = events_by_epoch(np.array([start_s, start_s]), [duration_s] * 2, epoch_count=10)
        epochs = ScoredEvent(onset_s=start_s, duration_s=duration_s).epochs(0.0)
        assert counts.tolist() == [2 * (epoch in epochs) for epoch in range(10)]

    def test_names_are_text_and_cannot_end_the_attribute(self, labels_only, lead, client_of):
        hostile = "'><script>x</script> & \u202eabc"
        finished_scoring(labels_only, hostile, NIGHT)
        text = page(client_of(lead), "recordings:recording", labels_only)
        assert "<script>x" not in text
        assert axis_in(text)["scorers"][0]["label"] == hostile

    def test_own_scoring_comes_first(self, labels_only, lead, member, study):
        both = member(study, Role.LEAD, Role.ANNOTATOR)
        finished_scoring(labels_only, "A", NIGHT)
        own = finished_scoring(labels_only, "B", NIGHT)
        Scoring.objects.filter(pk=own.pk).update(scorer=scorer_of_user(user=both))
        labels = [row["label"] for row in overview_of(labels_only, both).axis.scorers]
        assert labels == [str(both), "A"]
        assert overview_of(labels_only, lead).axis.scorers[0]["label"] == "A"


class TestPages:
    @pytest.mark.parametrize("name", TABS)
    def test_every_tab_opens_for_a_recording_without_scorings(
        self, name, labels_only, lead, client_of
    ):
        text = page(client_of(lead), name, labels_only)
        if name != "annotations:night-report":
            assert len(re.findall(r'<li><a href="[^"]+" aria-current="page">', text)) == 1

    @pytest.mark.parametrize("name", TABS)
    def test_no_tab_tells_a_blind_annotator_of_others(
        self, name, labels_only, lead, annotator, client_of
    ):
        for n in range(3):
            finished_scoring(labels_only, f"Secret{n}", changed(n, "R"))
        make_consensus(labels_only)
        own = assign(recording=labels_only, annotator=annotator, assigned_by=lead, mode=Mode.BLIND)
        own.scores.create(epoch=0, stage="N1")
        text = page(client_of(annotator), name, labels_only)
        assert "Secret" not in text
        assert "Consensus</" not in text
        assert "finished scorings differ" not in text
        assert "finished scorings agree" not in text
        if name == "recordings:recording":
            axis = axis_in(text)
            assert [row["stages"] for row in axis["scorers"]] == ["1........."]
            assert axis["differ"] == axis["given"] == []

    def test_reasons_of_acts_are_for_leads_and_the_scorer(
        self, labels_only, study, member, client_of
    ):
        scoring = finished_scoring(labels_only, "A", NIGHT)
        scoring.events.create(kind="withdrawn", reason="Too sleepy")
        for role, is_told in ((Role.LEAD, True), (Role.VIEWER, False), (Role.ADJUDICATOR, False)):
            text = page(client_of(member(study, role)), "recordings:history", labels_only)
            assert ("Too sleepy" in text) is is_told

    def test_signals_need_no_scoring_and_a_recording_without_has_none(
        self, study, labels_only, member, client_of
    ):
        viewer = client_of(member(study, Role.VIEWER))
        assert viewer.get(url("recordings:signals", labels_only)).status_code == 404
        Recording.objects.filter(pk=labels_only.pk).update(state=Recording.State.READY)
        text = page(viewer, "recordings:signals", labels_only)
        assert "data-signals" in text
        assert 'data-act="stage' not in text

    def test_queries_do_not_grow_with_scorings(self, labels_only, lead, client_of):
        client = client_of(lead)
        names = (
            "recordings:recording",
            "annotations:recording-scorings",
            "annotations:night-report",
        )

        def queries() -> list[int]:
            counts = []
            for name in names:
                with CaptureQueriesContext(connection) as captured:
                    page(client, name, labels_only)
                counts.append(len(captured))
            return counts

        for n in range(3):
            finished_scoring(labels_only, f"S{n}", changed(n, "R"))
        queries()  # what a process loads once
        few = queries()
        for n in range(3, 9):
            finished_scoring(labels_only, f"S{n}", changed(n, "R"))
        assert queries() == few


class TestReport:
    @pytest.mark.long
    def test_the_pdf_holds_names_of_any_direction_and_is_written_down(
        self, labels_only, lead, client_of, study
    ):
        for label in ("דוד בן-גוריון", "محمد", "E" * 120, "<b>&'\""):
            finished_scoring(labels_only, label, NIGHT)
        Scorer.objects.filter(label="محمد").update(label="陳偉")
        answer = client_of(lead).get(url("annotations:night-report-pdf", labels_only))
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF-")
        again = client_of(lead).get(url("annotations:night-report-pdf", labels_only))
        assert again.content == answer.content
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert study.audit_events.filter(act="downloaded").count() == 2

    def test_svgs_of_the_report_are_sound_and_its_numbers_are_those_of_the_overview(
        self, labels_only, lead, client_of
    ):
        for n in range(3):
            finished_scoring(labels_only, f"S{n}", changed(n, "R"))
        text = page(client_of(lead), "annotations:night-report", labels_only)
        for svg in re.findall(r"<svg class=\"hypnogram\".*?</svg>", text, re.DOTALL):
            ElementTree.fromstring(svg)
        assert "3 scorings that you can see" in text
        assert "3 finished scorings differ on 3 epochs" in text
        assert "median and range of 3 scorers" in text

    def test_what_cannot_be_known_is_none_and_the_report_says_how_it_was_computed(
        self, labels_only, lead, client_of
    ):
        finished_scoring(labels_only, "A", ["W"] * 10)
        for name in ("annotations:night-report", "annotations:recording-scorings"):
            text = page(client_of(lead), name, labels_only)
            assert ">none</td>" in text
            assert "not scored" not in text
            assert "REM latency at the first epoch of sleep" in unescape(text)

    def test_an_empty_report_says_so_and_has_a_pdf(self, labels_only, lead, client_of):
        client = client_of(lead)
        assert "No scored epochs yet" in page(client, "annotations:night-report", labels_only)
        assert client.get(url("annotations:night-report-pdf", labels_only)).status_code == 200
