"""Who started work learns that it is done, or that it failed; leads learn of releases."""

import pytest

from annotations.exchange.exports import EXPORTS, request_export
from annotations.exchange.import_work import IMPORTS
from annotations.exchange.imports import GivenFile, request_import
from annotations.exchange.plan import ImportOptions
from annotations.releases.models import Release
from annotations.releases.work import RELEASES
from annotations.scoring.scorings import create_scoring
from inference.models import PreScoreRun
from inference.runs.lifecycle import cancel_run, fail_run
from jobs.kinds import JobKind
from recordings.incoming import receive_recording
from recordings.ingest import INGESTS
from recordings.intake.reading_files import INTAKE_FILES
from recordings.intake.receiving import open_queue
from recordings.models import Recording
from studies.models import Membership, Role
from studies.notices.reading import inbox_of
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file
from tests.helpers.massex_tables import night_csv
from tests.helpers.nights import incoming

pytestmark = pytest.mark.django_db


def told(user) -> list[tuple[str, str, str]]:
    shown = inbox_of(user).shown
    return [(each.kind.label, ", ".join(each.names), each.detail) for each in shown]


def given_up(kind: JobKind, pk: int) -> None:
    kind.give_up(kind.claim(pk), "The worker stopped.")


def test_an_export_that_is_done(study, imported, lead):
    scorer = imported("Anna", ["W", "N1"]).scorer
    made = request_export(study=study, scorer=scorer, include_open=False, requested_by=lead)
    assert told(lead) == []
    EXPORTS.run(made.pk)
    assert told(lead) == [("Export", "Scorings by Anna", "done")]
    Membership.objects.filter(user=lead).update(role=Role.VIEWER)
    assert told(lead) == []


def test_an_import_to_confirm_and_one_that_failed(study, labels_only, lead):
    data = night_csv("S1", ["W", "N1"]).encode()
    good, bad = (
        request_import(
            study=study,
            files=[GivenFile(path="S1.csv", size=len(data), chunks=[data])],
            options=ImportOptions(),
            user=lead,
        )
        for _ in range(2)
    )
    IMPORTS.run(good.pk)
    given_up(IMPORTS, bad.pk)
    assert [(label, detail) for label, _, detail in told(lead)] == [
        ("Import of scorings", "failed"),
        ("Import of scorings", "ready to import"),
    ]


def test_files_that_failed_are_one_notice_until_it_is_seen(study, lead):
    for night in range(2):
        file = incoming(edf_bytes(sfreq_hz=100 + night))
        given_up(INGESTS, receive_recording(study=study, file=file, requested_by=lead).pk)
    names = ", ".join(Recording.objects.order_by("pk").values_list("name", flat=True))
    assert told(lead) == [("Import of a file", names, "failed")]


def test_a_file_that_the_intake_refused(study, lead, client_of):
    file = add_file(open_queue(study=study, user=lead), "S01.edf", edf_bytes(sfreq_hz=100))
    given_up(INTAKE_FILES, file.pk)
    assert told(lead) == [("File of the intake", "S01.edf", "refused")]
    assert client_of(lead).get(f"/notices/{lead.notices.get().pk}/", follow=True).status_code == 200
    file.delete()
    assert told(lead) == []


def test_a_run_that_failed_and_none_that_was_cancelled(labels_only, rules_bundle, lead, annotator):
    scoring = create_scoring(recording=labels_only, scorer=rules_bundle.scorer)
    run = PreScoreRun.objects.create(
        recording=labels_only, bundle=rules_bundle, scoring=scoring, total=10, requested_by=lead
    )
    cancel_run(run=run)
    assert told(lead) == []
    PreScoreRun.objects.update(state=PreScoreRun.State.RUNNING)
    fail_run(run=run, error="The server is away.")
    assert told(lead) == [("Pre-scoring run", f"S1 by {rules_bundle}", "failed")]
    assert told(annotator) == []


def test_leads_learn_of_a_release_that_could_not_be_frozen(study, lead, member):
    second = member(study, Role.LEAD, username="second")
    release = Release.objects.create(study=study, title="Nights", state=Release.State.WAITING)
    given_up(RELEASES, release.pk)
    for each in (lead, second):
        assert told(each) == [("Release", "Nights", "could not be frozen")]
