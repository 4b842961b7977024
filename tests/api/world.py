"""A small complete world for the permission matrix: two studies, people of every role in each."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from annotations.models import Scoring
from annotations.services.scorings import assign
from inference.services.bundles import find_bundle
from inference.services.runs import start_run
from recordings.models import Recording, Subject
from studies.models import Role, Study, User
from studies.services.invitations import add_member, invite
from studies.services.studies import create_study

PEOPLE = tuple(role.value for role in Role)
JSON = "application/json"
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

    @classmethod
    def build(cls) -> "World":
        study, other = create_study(slug="ours"), create_study(slug="theirs")
        people = _people(study, prefix="") | _people(other, prefix="other-")
        people["owner"] = _user(study, "owner", Role.ANNOTATOR)
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
        study = {"slug": self.study.slug}
        recording = {"recording_id": self.recording.pk}
        scoring = {"scoring_id": self.scoring.pk}
        self.arguments |= {
            "study": study,
            "studies:members": study,
            "studies:remove": {**study, "membership_id": spare.pk},
            "studies:withdraw": {**study, "invitation_id": invitation.pk},
            "annotations:workbench": scoring,
            "annotations:assign": recording,
            "annotations:scoring": scoring,
            "annotations:epoch-score": {**scoring, "epoch": 0},
            "annotations:submit": scoring,
            **_prescoring(self.study, self.recording),
        }
        self.bodies |= {
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

    def content_type(self, name: str) -> str:
        return JSON if isinstance(self.bodies.get(name), dict) else FORM

    def client(self, person: str | None) -> Client:
        client = Client()
        if person:
            client.force_login(self.people[person])
        return client


def _people(study: Study, *, prefix: str) -> dict[str, User]:
    return {f"{prefix}{role}": _user(study, f"{prefix}{role}", role) for role in Role}


def _prescoring(study: Study, labels_only: Recording) -> dict[str, Mapping[str, Any]]:
    night = Recording.objects.create(
        study=study,
        subject=labels_only.subject,
        name="S1 signals",
        state=Recording.State.READY,
        epoch_count=4,
    )
    run = {"run_id": start_run(recording=night, bundle=find_bundle("rules")).pk}
    of_run = ["run", "cancel", "resume", "retry", "api-replies"]
    of_run += ["api-run", "api-cancel", "api-resume", "api-retry"]
    of_study = ["runs", "start", "models", "api-runs", "api-bundles"]
    return {
        "inference:recording-runs": {"recording_id": night.pk},
        **{f"inference:{name}": run for name in of_run},
        **{f"inference:{name}": {"slug": study.slug} for name in of_study},
    }


def _user(study: Study, username: str, role: Role) -> User:
    user = User.objects.create(username=username)
    add_member(study=study, user=user, role=role)
    return user
