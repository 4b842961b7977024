"""The overview of a study: what it counts, what it says waits, and what it shows to whom."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotations.agreement.nights import refresh_nights
from annotations.exchange.models import Export
from annotations.rating.calibration import show_gold
from annotations.rating.drafts import set_gold
from annotations.rating.lifecycle import launch_rating_study
from annotations.rating.models import RatingItem, RatingSlot
from annotations.scoring.assignments import ask_to_reopen, assign
from annotations.scoring.models import EpochRevision, Scorer, Scoring
from annotations.scoring.scorings import close_scoring
from epochwise.desk.overview import needs_of, progress_of
from epochwise.desk.plots import PLOTS, pace, ratings, weeks
from recordings.intake.models import IntakeNight, IntakeQueue
from recordings.models import Recording, Subject
from studies.members import add_member, create_study
from studies.models import Role, Study, User
from tests.helpers.adjudications import finished_scoring
from tests.helpers.ratings import give

pytestmark = pytest.mark.django_db

LOW = (5, 1, 1)
GOLD = {"factual_accuracy": 2, "evidence_comprehensiveness": 4, "logical_coherence": 5}


def needs(user: User, study: Study) -> dict[str, int]:
    return {need.words: need.count for need in needs_of(user, study, study.roles_of(user))}


def nights(study: Study, count: int, scorer: Scorer) -> None:
    """Recordings with a finished scoring each, made in bulk."""
    subject, _ = Subject.objects.get_or_create(study=study, code="bulk")
    made = Recording.objects.bulk_create(
        Recording(study=study, subject=subject, name=f"N{subject.pk}-{n}-{count}", state="ready")
        for n in range(count)
    )
    Scoring.objects.bulk_create(
        Scoring(recording=night, scorer=scorer, state="submitted", submitted_at=timezone.now())
        for night in made
    )


class TestNumbers:
    def test_assignments_are_counted_with_those_that_are_overdue(self, scoring, lead, member):
        study = scoring.study
        Scoring.objects.filter(pk=scoring.pk).update(due=timezone.localdate() - timedelta(days=1))
        finished_scoring(scoring.recording, "B", ["W"] * 10, user=member(study, Role.VIEWER))
        Recording.objects.create(study=study, subject=scoring.recording.subject, name="free")
        progress = progress_of(lead, study)
        assert (progress.assigned, progress.finished) == (2, 1)
        assert (progress.overdue, progress.unassigned, progress.recordings) == (1, 1, 2)

    def test_an_imported_scoring_is_no_assignment(self, labels_only, lead):
        finished_scoring(labels_only, "a file", ["W"] * 10)
        assert progress_of(lead, labels_only.study).assigned == 0

    def test_a_lead_who_scores_a_recording_blind_counts_nothing_of_it(
        self, labels_only, lead, member
    ):
        study = labels_only.study
        add_member(study=study, user=lead, role=Role.ANNOTATOR)
        own = assign(recording=labels_only, annotator=lead, assigned_by=lead)
        before = progress_of(lead, study)
        for name in ("A", "B"):
            person = member(study, Role.ANNOTATOR, username=name)
            finished_scoring(labels_only, name, ["W"] * 10, user=person)
        assert progress_of(lead, study) == before
        assert (before.closed, before.assigned, before.unassigned) == (1, 1, 0)
        assert needs(lead, study) == {}
        assert weeks(lead, study).rows == []
        close_scoring(scoring=own)
        assert progress_of(lead, study).finished == 3


class TestNeeds:
    def test_nothing_waits_in_an_empty_study(self, study, lead):
        assert needs(lead, study) == {}

    def test_requests_and_unsettled_scorings(self, client, scoring, lead, annotator, member):
        study = scoring.study
        close_scoring(scoring=scoring)
        ask_to_reopen(scoring=scoring, user=annotator, reason="A slip.")
        other = member(study, Role.ANNOTATOR, username="other")
        finished_scoring(scoring.recording, "B", ["W"] * 10, user=other)
        assert needs(lead, study) == {
            "request to reopen a scoring": 1,
            "recording with two or more finished scorings to settle": 1,
        }
        client.force_login(lead)
        address = reverse("desk:recordings", args=[study.slug])
        assert scoring.recording.name in client.get(f"{address}?work=unsettled").content.decode()
        adjudicator = member(study, Role.ADJUDICATOR)
        assert list(needs(adjudicator, study).values()) == [1]

    def test_failures_and_doubts_lead_to_their_pages(self, client, study, labels_only, lead):
        labels_only.state = Recording.State.FAILED
        labels_only.save()
        scorer = Scorer.objects.create(study=study, kind="import", label="a file")
        Export.objects.create(study=study, scorer=scorer, state=Export.State.FAILED)
        queue = IntakeQueue.objects.create(study=study)
        for _ in range(2):
            IntakeNight.objects.create(queue=queue, state=IntakeNight.State.QUESTIONS)
        found = needs_of(lead, study, [Role.LEAD])
        assert [(need.count, need.words) for need in found] == [
            (2, "recordings of the intake with open questions"),
            (1, "recording whose import failed"),
            (1, "failed export"),
        ]
        client.force_login(lead)
        page = client.get(reverse("study", args=[study.slug])).content.decode()
        for need in found:
            assert need.address.replace("&", "&amp;") in page

    def test_a_rater_who_is_held_is_no_longer_overlooked(
        self, study, draft_rating_study: Callable, lead, raters
    ):
        draft = draft_rating_study(
            item_count=4, repeat_percent=0, calibration_count=1, calibration_pass_percent=60
        )
        for item in draft.items.filter(phase=RatingItem.Phase.CALIBRATION):
            set_gold(item=item, scores=GOLD, feedback="x", user=lead)
        rating_study = launch_rating_study(rating_study=draft, user=lead)
        words = f"rater held after calibration in {rating_study}"
        assert words not in needs(lead, study)
        slot = RatingSlot.objects.calibration().filter(rater=raters[0]).get()
        give(slot, LOW, "No spindle.")
        slot.refresh_from_db()
        show_gold(slot=slot, seen_version=slot.rating.version)
        assert needs(lead, study)[words] == 1
        assert ratings(lead, study).title.startswith("1 of ")

    def test_the_section_stays_when_the_session_ended(self, client, study):
        address = reverse("desk:needs", args=[study.slug])
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 401
        assert client.get(address).status_code == 302

    def test_what_only_leads_can_do_waits_for_nobody_else(self, study, labels_only, member):
        Recording.objects.update(state=Recording.State.FAILED)
        assert needs(member(study, Role.VIEWER), study) == {}

    def test_the_start_page_lists_it_and_the_overview_asks_for_it_alone(self, client, study, lead):
        queue = IntakeQueue.objects.create(study=study)
        IntakeNight.objects.create(queue=queue, state=IntakeNight.State.QUESTIONS)
        client.force_login(lead)
        words = "recording of the intake with open questions"
        assert f"1 {words}" in client.get(reverse("home")).content.decode()
        part = client.get(reverse("desk:needs", args=[study.slug])).content.decode()
        assert words in part
        assert "<html" not in part


def test_the_start_page_asks_the_database_as_often_for_ten_studies_as_for_one(client, lead):
    client.force_login(lead)
    counts = []
    for more in (1, 9):
        for n in range(more):
            study = create_study(slug=f"s-{more}-{n}", title="Study")
            add_member(study=study, user=lead, role=Role.LEAD)
            Recording.objects.create(
                study=study,
                subject=Subject.objects.create(study=study, code="S"),
                name="S",
                state=Recording.State.FAILED,
            )
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/").content.decode()
        counts.append(len(queries))
    assert page.count("1 recording whose import failed") == 10
    assert counts[0] == counts[1]


class TestPlots:
    def test_finished_scorings_fall_into_their_weeks(self, scoring, lead):
        close_scoring(scoring=scoring)
        plot = weeks(lead, scoring.study)
        assert plot.title == "1 scoring finished in the last 4 weeks"
        assert [row.value for row in plot.rows] == [0] * 7 + [1]

    def test_each_figure_and_each_week_leads_to_the_rows_that_it_counts(
        self, client, scoring, lead, member
    ):
        study = scoring.study
        scoring.recording.epoch_count = 0
        close_scoring(scoring=scoring)
        finished_scoring(scoring.recording, "a file", ["W"] * 10)
        locked = finished_scoring(
            scoring.recording, "B", ["W"] * 10, user=member(study, Role.VIEWER)
        )
        locked.state, locked.submitted_at = Scoring.State.LOCKED, timezone.now()
        locked.save()
        client.force_login(lead)
        page = client.get(reverse("study", args=[study.slug])).content.decode()
        [finished] = re.findall(r'"([^"]*state=finished)"', page)
        *_, week = weeks(lead, study).rows
        assert week.value == progress_of(lead, study).finished == 2
        for address in (week.address, html.unescape(finished)):
            rows = client.get(address, headers={"HX-Request": "true"}).content.decode()
            assert "1 to 2 of 2" in rows
        viewer = member(study, Role.VIEWER, username="viewer")
        client.force_login(viewer)
        page = client.get(reverse("study", args=[study.slug])).content.decode()
        assert "state=finished" not in page

    def test_pace_counts_an_epoch_once_and_active_time_alone(self, scoring, lead):
        for version, ms in enumerate((10_000, 8_000, 0), start=1):
            EpochRevision.objects.create(
                scoring=scoring, epoch=0, version=version, after={}, active_ms=ms
            )
        close_scoring(scoring=scoring)
        (row,) = pace(lead, scoring.study).rows
        assert (row.label, row.value) == (str(scoring.scorer), 200.0)

    def test_a_name_of_many_letters_or_of_markup_is_only_a_label(self, client, scoring, lead):
        scoring.scorer.label = "<img src=x>" + "ש" * 100
        scoring.scorer.save()
        EpochRevision.objects.create(scoring=scoring, epoch=0, version=1, after={}, active_ms=9000)
        close_scoring(scoring=scoring)
        client.force_login(lead)
        page = client.get(reverse("desk:plot", args=[scoring.study.slug, "pace"])).content.decode()
        assert "<img" not in page
        assert "&lt;img" in page

    def test_agreement_is_shown_of_recordings_that_are_not_closed(self, labels_only, lead):
        study = labels_only.study
        for name in ("A", "B"):
            finished_scoring(labels_only, name, ["W", "N2"] * 5)
        refresh_nights(study.pk)
        assert PLOTS["nights"].draw(lead, study).title == "Median kappa 1.00 in 1 recording"
        own = Scorer.objects.create(user=lead, kind="human", label="Lead")
        Scoring.objects.create(recording=labels_only, scorer=own, rule_edition="x")
        assert PLOTS["nights"].draw(lead, study).rows == []

    def test_a_plot_comes_as_a_part_or_as_a_page(self, client, study, lead):
        client.force_login(lead)
        address = reverse("desk:plot", args=[study.slug, "weeks"])
        assert b"<!doctype html>" in client.get(address).content
        assert b"<!doctype html>" not in client.get(address, headers={"HX-Request": "true"}).content
        assert client.get(reverse("desk:plot", args=[study.slug, "nonsense"])).status_code == 404

    def test_pace_and_ratings_are_about_single_people_and_for_leads(self, client, study, member):
        client.force_login(member(study, Role.VIEWER))
        statuses = {
            name: client.get(reverse("desk:plot", args=[study.slug, name])).status_code
            for name in PLOTS
        }
        assert {name for name, status in statuses.items() if status == 200} == {
            name for name, kind in PLOTS.items() if Role.VIEWER in kind.roles
        }
        assert statuses["pace"] == statuses["ratings"] == 403


class TestPage:
    def test_annotators_see_their_own_work_and_no_progress_of_others(
        self, client, scoring, annotator
    ):
        client.force_login(annotator)
        page = client.get(reverse("study", args=[scoring.study.slug])).content.decode()
        assert "Your recordings to score" in page
        assert "Needs you" not in page
        assert "data-plots" not in page

    def test_queries_and_size_do_not_depend_on_the_number_of_recordings(
        self, client, study, lead, member
    ):
        client.force_login(lead)
        scorer = Scorer.objects.create(user=member(study, Role.ANNOTATOR), kind="human", label="A")
        addresses = [reverse("study", args=[study.slug])]
        addresses += [reverse("desk:plot", args=[study.slug, name]) for name in PLOTS]
        counts = []
        client.get(addresses[0])  # what a first visit asks besides
        for more in (3, 297):
            nights(study, more, scorer)
            counts.append([])
            for address in addresses:
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    page = client.get(address)
                assert len(page.content) < 150_000
                counts[-1].append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0][0] <= 40
