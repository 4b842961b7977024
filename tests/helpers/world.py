"""A small complete world for the permission matrix: two studies, people of every role in each."""

import io
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone

from annotations.adjudication.lifecycle import start_adjudication
from annotations.adjudication.majority import MajorityRule
from annotations.agreement.models import AgreementWork
from annotations.exchange.models import Export, MassexImport, ScoringImport
from annotations.exchange.plan import ImportOptions
from annotations.exchange.stage_plan import StageImportOptions
from annotations.rating.design import RatingDesign, equal_arms
from annotations.rating.drafts import draw_rating_study
from annotations.rating.lifecycle import launch_rating_study
from annotations.rating.models import RatingSlot
from annotations.releases.composition import Composition
from annotations.releases.lifecycle import create_release
from annotations.releases.models import ReleaseFinding
from annotations.scoring import urls
from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochComment, Scoring
from annotations.scoring.scores import ScoreContent, Why, add_scores
from annotations.scoring.scorings import consensus_scorer, create_scoring
from epochwise.desk.lists import KINDS
from inference.registry.bundles import find_bundle
from inference.runs.lifecycle import start_run
from psg.montage import DERIVATIONS
from recordings.intake.receiving import expect_file, open_queue
from recordings.models import IntakeRule, Recording, SignalCorrection, Subject
from studies.members import add_member, create_study, invite
from studies.models import Mode, Role, SavedView, Study, User
from tests.helpers.adjudications import finished_scoring
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file, run_all
from tests.helpers.nights import stored_night
from tests.helpers.prescoring import write_store
from tests.helpers.releases import made_up_manifest

PEOPLE = tuple(role.value for role in Role)
SITE_ACTS = ("person", "reset-link", "deactivate", "reactivate", "allow-studies")
DESK = ("needs", "settings", "clone", "archive", "restore", "give-role")
HELP = ("doubtful", "assistance", "assistance-epochs", "api-assistance")
JSON = "application/json"
_RELEASES_OF_STUDY = ("releases", "release-new", "release-terms")
_OF_DRAFT = (
    "release-compose",
    "release-rows",
    "release-progress",
    "release-findings",
    "release-harmless",
    "release-freeze",
    "release-discard",
)
_OF_FROZEN = (
    "release",
    "release-withdraw",
    "release-download",
    "release-data",
    "release-accept",
    "release-people",
    "release-outsider",
)
FORM = "application/x-www-form-urlencoded"


@dataclass
class World:
    """Everything that the endpoints' addresses and bodies need."""

    study: Study
    people: dict[str, User]
    recording: Recording
    scoring: Scoring
    arguments: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)
    clients: dict[str | None, Client] = field(default_factory=dict)

    @classmethod
    def build(cls) -> "World":
        study, other = create_study(slug="ours"), create_study(slug="theirs")
        people = _people(study, prefix="") | _people(other, prefix="other-")
        people["site"] = User.objects.create(username="site", is_staff=True)
        people["owner"] = _user(study, "owner", Role.ANNOTATOR)
        people["guest"] = User.objects.create(username="guest")
        people["lead"].may_manage_studies = True
        people["lead"].save()
        recording = Recording.objects.create(
            study=study,
            subject=Subject.objects.create(study=study, code="S1"),
            name="S1",
            state=Recording.State.LABELS_ONLY,
            epoch_count=10,
        )
        scoring = assign(recording=recording, annotator=people["owner"], assigned_by=people["lead"])
        world = cls(study, people, recording, scoring)
        world._fill()
        return world

    def _fill(self) -> None:
        """Say how each endpoint is addressed, and with what it is called."""
        spare = _user(self.study, "spare", Role.VIEWER).memberships.get()
        invitation, _ = invite(
            study=self.study, email="x@example.org", role=Role.RATER, invited_by=None
        )
        night = stored_night(study=self.study)
        study = {"slug": self.study.slug}
        person = {"user_id": spare.user_id}
        recording = {"recording_id": self.recording.pk}
        scoring = {"scoring_id": self.scoring.pk}
        assisted = {"scoring_id": self._assisted(night).pk}
        self.arguments |= {
            "study": study,
            **{
                name: {} for name in ("site", "site-audit", "site-audit-csv", "inference:add-model")
            },
            **dict.fromkeys(("audit", "audit-csv"), study),
            "studies:members": study,
            "studies:protocol": study,
            "studies:phrases": study,
            "studies:montages": study,
            **{f"studies:{name}": person for name in SITE_ACTS},
            "studies:people": {},
            "desk:new-study": {},
            **{f"desk:{name}": study for name in DESK},
            "desk:plot": {**study, "name": "weeks"},
            "desk:removal": {**study, "membership_id": spare.pk},
            "studies:remove": {**study, "membership_id": spare.pk},
            "studies:withdraw": {**study, "invitation_id": invitation.pk},
            "annotations:workbench": scoring,
            "annotations:assign": recording,
            "annotations:scoring": scoring,
            "annotations:epoch-score": {**scoring, "epoch": 0},
            "annotations:submit": scoring,
            "annotations:comments": scoring,
            "annotations:comment-resolve": {"comment_id": self._comment().pk},
            **_lists(self.study, self.people["lead"]),
            **{f"annotations:{name}": scoring for name in ["scoring-page", *urls.ACTS]},
            "annotations:suggestions": scoring,
            "annotations:suggested-stages": scoring,
            "annotations:candidates": assisted,
            "annotations:claims": assisted,
            "annotations:lock": {**scoring, "epoch": 0},
            "annotations:findings": scoring,
            "annotations:scored-events": scoring,
            "annotations:scoring-edf": scoring,
            "annotations:scoring-csv": scoring,
            "annotations:scoring-tsv": scoring,
            "annotations:lights": scoring,
            "annotations:epoch-history": {**scoring, "epoch": 0},
            "annotations:night-report": recording,
            "annotations:night-report-pdf": recording,
            "annotations:import-scoring": recording,
            "recordings:upload": study,
            "lifecycle:erase-recording": recording,
            "lifecycle:erase-subject": {**study, "subject_id": self.recording.subject_id},
            "lifecycle:erase-person": {"user_id": self.people["owner"].pk},
            "lifecycle:correct": recording,
            **_corrections(self.recording),
            **_recordings(night),
            **_intake(self.study),
            **_prescoring(self.study, self.recording),
            **_ratings(self.study, self.people["rater"]),
            **_exports(self.study, self.scoring),
            **_releases(self.study, self.people["guest"]),
            **_imports(self.study),
            **_adjudications(self.recording),
            "annotations:recording-scorings": recording,
            **_agreement(study, recording),
            "annotations:study-agreement-plot": study,
            "annotations:study-agreement-work": {
                **study,
                "work_id": agreement_work(self.study, self.people["lead"]).pk,
            },
        }
        self.bodies |= {
            "annotations:comments": {
                "client_uuid": str(uuid.uuid4()),
                "epoch": 0,
                "text": "Look here.",
            },
            "annotations:comment-resolve": {"resolved": True},
            "annotations:lock": {"version": 1},
            "recordings:api-intake-queue": {"pattern": "{subject}_{night}*", "keep_pattern": True},
            "recordings:api-intake-pattern": {"pattern": "{subject}", "stages_pattern": "*"},
            "recordings:api-intake-file": {"scorer": "A", "options": {"codes": "yasa"}},
            "recordings:api-intake-night": {
                "subject": "S7",
                "number": 2,
                "decisions": {"mains_hz": 60, "units": {"EEG F4-CLE": "uV"}},
            },
            "recordings:api-intake-answers": {"doubt": "mains", "value": "60", "all": True},
            "recordings:api-intake-channels": {
                "channels": {"C4-M1": {"positive": "EEG C4-CLE", "negative": "EEG O2-CLE"}},
                "same_labels": True,
                "keep": True,
            },
            "recordings:api-intake-import": {"nights": None},
            "annotations:lights": {
                "client_uuid": str(uuid.uuid4()),
                "version": 0,
                "off_s": 30,
                "on_s": None,
            },
            "annotations:decision": {
                "client_uuid": str(uuid.uuid4()),
                "version": 0,
                "choice": "take",
                "side": "A",
                "reason": "rule",
            },
            "annotations:epoch-score": {
                "client_uuid": str(uuid.uuid4()),
                "version": 0,
                "stage": "W",
                "rules": [],
                "rationale": "",
                "flags": [],
                "evidence": [],
            },
        }

    def _assisted(self, night: Recording) -> Scoring:
        """The owner's scoring of a night with signals, in a mode that shows detected waves."""
        return assign(
            recording=night,
            annotator=self.people["owner"],
            assigned_by=self.people["lead"],
            mode=Mode.ASSISTED,
            suggestion=finished_scoring(night, "assisting", ["W", "W"]),
        )

    def _comment(self) -> EpochComment:
        return EpochComment.objects.create(
            scoring=self.scoring, epoch=0, author=self.people["lead"], text="Why?"
        )

    def content_type(self, name: str) -> str:
        return JSON if isinstance(self.bodies.get(name), dict) else FORM

    def client(self, person: str | None) -> Client:
        """Return the one browser of a person; strangers have theirs as well."""
        if person not in self.clients:
            self.clients[person] = Client()
            if person:
                self.clients[person].force_login(self.people[person])
        return self.clients[person]


def _people(study: Study, *, prefix: str) -> dict[str, User]:
    return {f"{prefix}{role}": _user(study, f"{prefix}{role}", role) for role in Role}


def _recordings(recording: Recording) -> dict[str, Mapping[str, Any]]:
    night = {"recording_id": recording.pk}
    names = ["recording", "lights", "remove", "api-recording", "layout", "envelope", "spectrogram"]
    names += ["channels", "intake-record", "history", "signals"]
    return {
        "recordings:epochs": {**night, "first": 0},
        **{f"recordings:{name}": night for name in names},
    }


def _lists(study: Study, lead: User) -> dict[str, Mapping[str, Any]]:
    of_study = {"slug": study.slug}
    view = SavedView.objects.create(study=study, user=lead, page="recordings", name="Late")
    return {
        **{
            f"desk:{name}{end}": of_study
            for name, kind in KINDS.items()
            for end in ("", "-csv", "-view", *(f"-{what}" for what in kind.acts))
        },
        "desk:view-remove": {**of_study, "view_id": view.pk},
    }


def _intake(study: Study) -> dict[str, Mapping[str, Any]]:
    """A queue with a night that was examined, a stage file and an upload under way."""
    queue = open_queue(study=study, user=None)
    add_file(queue, "S1.edf", edf_bytes(sfreq_hz=100, seconds=90))
    stages = add_file(queue, "S1_A.txt", b"W\nN2\n")
    run_all(queue)
    upload = expect_file(queue=queue, name="S2.edf", size_bytes=10)
    rule = IntakeRule.objects.create(study=study, kind="pattern", value={"recordings": "*"})
    of_study = {"slug": study.slug}
    of_queue = {**of_study, "queue_id": queue.pk}
    of_night = {**of_queue, "night_id": queue.nights.get().pk}
    return {
        **{f"recordings:{name}": of_study for name in ("intake", "api-intake", "api-intake-rules")},
        "recordings:intake-queue-page": of_queue,
        **{
            f"recordings:api-intake-{name}": of_queue
            for name in ("queue", "pattern", "uploads", "import")
        },
        "recordings:api-intake-upload": {**of_queue, "upload": upload.path},
        "recordings:api-intake-file": {**of_queue, "file_id": stages.pk},
        **{
            f"recordings:api-intake-{name}": of_night
            for name in ("night", "answers", "channels", "signals")
        },
        "recordings:api-intake-rule": {**of_study, "rule_id": rule.pk},
    }


def _corrections(night: Recording) -> dict[str, Mapping[str, Any]]:
    correction = SignalCorrection.objects.create(
        recording=night, why="x", before={}, after={}, version_before=1
    )
    names = ("correct-signals", "api-corrections", "api-correction-preview")
    return {
        **{f"lifecycle:{name}": {"recording_id": night.pk} for name in names},
        "lifecycle:correction": {"correction_id": correction.pk},
    }


def _prescoring(study: Study, labels_only: Recording) -> dict[str, Mapping[str, Any]]:
    night = Recording.objects.create(
        study=study,
        subject=labels_only.subject,
        name="S1 signals",
        state=Recording.State.READY,
        epoch_count=4,
    )
    bundle = find_bundle("rules")
    run = {"run_id": start_run(recording=night, bundle=bundle).pk}
    of_run = ["run", "cancel", "resume", "retry", "api-replies"]
    of_run += ["api-run", "api-cancel", "api-resume", "api-retry"]
    of_run += ["pause", "api-pause", "priority", "api-priority"]
    of_study = ["runs", "start", "models", "models-compare", "api-runs", "api-bundles"]
    return {
        "inference:recording-runs": {"recording_id": night.pk},
        "inference:promote": {"slug": study.slug, "bundle_id": bundle.pk},
        "inference:check": {"slug": study.slug, "bundle_id": bundle.pk},
        "inference:api-check": {"slug": study.slug, "bundle_id": bundle.pk},
        **{f"inference:{name}": run for name in of_run},
        **{f"inference:{name}": {"slug": study.slug} for name in of_study},
    }


def _ratings(study: Study, rater: User) -> dict[str, Mapping[str, Any]]:
    """One launched item, and one draft with a calibration item, over a night of two epochs."""
    night = Recording.objects.create(
        study=study,
        subject=Subject.objects.create(study=study, code="S2"),
        name="S2",
        state=Recording.State.READY,
        epoch_count=2,
    )
    with TemporaryDirectory() as folder:
        content = write_store(Path(folder) / "s.epw", np.zeros((2, len(DERIVATIONS), 3000)))
    night.signals_file.save("s.epw", ContentFile(content))
    scoring = create_scoring(recording=night, scorer=consensus_scorer(study=study))
    score = ScoreContent(stage="W", rationale="Alpha.")
    add_scores(scoring=scoring, contents=[(0, score), (1, score)], why=Why.CONSENSUS)
    design = RatingDesign(
        title="Round",
        arms=equal_arms([("All", [scoring])], item_count=1),
        raters=[rater],
        raters_per_item=1,
        repeat_percent=0,
        seed=1,
    )
    rating_study = draw_rating_study(study=study, design=design, user=None)
    launch_rating_study(rating_study=rating_study, user=None)
    draft = draw_rating_study(study=study, design=replace(design, calibration_count=1), user=None)
    of_draft = {"rating_study_id": draft.pk}
    gold = {**of_draft, "code": draft.items.get(phase="calibration").code}
    slot = {"code": RatingSlot.objects.get().code}
    of_study = ["rate", "rating-queue", "rating-results", "rating-raters"]
    acts = ["rating-close", "rating-unblind"]
    downloads = ["ratings-csv", "rating-items-csv", "rating-results-csv", "rating-results-json"]
    return {
        "annotations:rating-slot": slot,
        "annotations:rating-signals": slot,
        "annotations:rating-raw": slot,
        "annotations:rating-own-stage": slot,
        "annotations:rating-slot-gold": slot,
        "annotations:rating-admit": {"seat_id": rating_study.panel.get().pk},
        "annotations:rating-image": {**slot, "which": "target"},
        "annotations:rating-studies": {"slug": study.slug},
        "annotations:rating-study-new": {"slug": study.slug},
        "annotations:rating-gold-save": gold,
        "annotations:rating-gold-image": gold,
        **{
            f"annotations:rating-{name}": of_draft
            for name in ["design", "plan", "gold", "launch", "launch-progress", "discard"]
        },
        **{
            f"annotations:{name}": {"rating_study_id": rating_study.pk}
            for name in [*of_study, *acts, *downloads, "rating-items"]
        },
    }


def _adjudications(recording: Recording) -> dict[str, Mapping[str, Any]]:
    """Two imported scorings of the labels-only night that differ in its first epoch."""
    originals = [finished_scoring(recording, stage, [stage]) for stage in ("N1", "N2")]
    adjudication = start_adjudication(scorings=originals, user=None)
    settlement = adjudication.settlements.create(rule=MajorityRule().as_json(), epoch_count=0)
    one = {"adjudication_id": adjudication.pk}
    return {
        "annotations:adjudicate": {"recording_id": recording.pk},
        "annotations:adjudication": one,
        "annotations:api-adjudication": one,
        "annotations:decision": {**one, "epoch": 0},
        "annotations:adjudication-epochs": one,
        "annotations:adjudication-majority": one,
        "annotations:adjudication-majority-withdraw": {**one, "settlement_id": settlement.pk},
        "annotations:adjudication-comments": one,
        "annotations:adjudication-finish": one,
        "annotations:adjudication-discard": one,
    }


def agreement_work(study: Study, user: User) -> AgreementWork:
    """A computation of agreement that a worker has ended."""
    return AgreementWork.objects.create(
        study=study,
        requested_by=user,
        key=f"of {study.slug}",
        choice={"scorers": [], "with_open": False, "pair": None},
        state=AgreementWork.State.FAILED,
        total=200,
    )


def _agreement(
    study: Mapping[str, Any], recording: Mapping[str, Any]
) -> dict[str, Mapping[str, Any]]:
    pages = ["{}-agreement", "{}-pair", "{}-epochs", "api-{}-agreement"]
    both = [("study", study), ("recording", recording)]
    return {
        **{f"annotations:{page.format(of)}": where for of, where in both for page in pages},
        **{f"annotations:{name}": study for name in HELP},
    }


def _exports(study: Study, scoring: Scoring) -> dict[str, Mapping[str, Any]]:
    export = Export.objects.create(
        study=study, scorer=scoring.scorer, state=Export.State.DONE, total=1
    )
    export.file.save("export.zip", ContentFile(b"PK"))
    one = {"export_id": export.pk}
    return {
        "annotations:exports": {"slug": study.slug},
        "annotations:export-row": one,
        "annotations:export-download": one,
    }


def _zip_of_nothing() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("SHA256SUMS", "")
    return file.getvalue()


def _releases(study: Study, guest: User) -> dict[str, Mapping[str, Any]]:
    """A draft for what is done to drafts, and a frozen one to look at and take away."""
    draft = create_release(study=study, title="Nights", composition=Composition(), user=None)
    frozen = create_release(study=study, title="Nights", composition=Composition(), user=None)
    frozen.file.save("release.zip", ContentFile(_zip_of_nothing()), save=False)
    frozen.state, frozen.version = "frozen", "1.0.0"
    frozen.manifest = made_up_manifest().as_json()
    frozen.save()
    frozen.accesses.create(person=guest, is_outside=True, accepted_at=timezone.now())
    finding = ReleaseFinding.objects.create(
        release=draft, kind="name", words="Anna", start=0, stop=4
    )
    one = {"release_id": draft.pk, "finding_id": finding.pk}
    return {
        **{f"annotations:release-{name}": one for name in ("correct", "wait")},
        **{f"annotations:{name}": {"slug": study.slug} for name in _RELEASES_OF_STUDY},
        **{f"annotations:{name}": {"release_id": draft.pk} for name in _OF_DRAFT},
        **{f"annotations:{name}": {"release_id": frozen.pk} for name in _OF_FROZEN},
    }


def _imports(study: Study) -> dict[str, Mapping[str, Any]]:
    """One that waits to be looked at."""
    made = MassexImport.objects.create(
        study=study,
        state=MassexImport.State.READY,
        options=ImportOptions().as_json(),
        preview={"files": [], "left_out": []},
    )
    made.file.save("massex.zip", ContentFile(_zip_of_nothing()))
    acts = ["", "-progress", "-again", "-confirm", "-discard"]
    stages = ScoringImport.objects.create(
        study=study,
        state=ScoringImport.State.READY,
        options=StageImportOptions().as_json(),
        preview={"files": [], "left_out": []},
    )
    stages.file.save("stages.zip", ContentFile(_zip_of_nothing()))
    pages = [f"scoring-import{act}" for act in (*acts, "-answer")]
    calls = ["api-scoring-import", "api-scoring-import-confirm"]
    return {
        **{f"annotations:{name}": {"scoring_import_id": stages.pk} for name in (*pages, *calls)},
        "annotations:scoring-imports": {"slug": study.slug},
        "annotations:api-scoring-imports": {"slug": study.slug},
        **{f"annotations:massex-import{act}": {"import_id": made.pk} for act in acts},
        "annotations:massex-imports": {"slug": study.slug},
        "annotations:api-massex-imports": {"slug": study.slug},
    }


def _user(study: Study, username: str, role: Role) -> User:
    user = User.objects.create(username=username)
    add_member(study=study, user=user, role=role)
    return user
