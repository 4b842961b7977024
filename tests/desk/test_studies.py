"""Whole studies: create, clone, archive, take back; roles given and removed."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from annotations.exchange.exports import request_export
from annotations.scoring.models import Scoring
from annotations.scoring.reading import nights_to_score
from annotations.scoring.sharing import Wish, assign_many
from epochwise.desk.archived import ALLOWED, READS, STUDY_OF
from epochwise.desk.studies import (
    AddressTakenError,
    ArchivingRefusedError,
    address_for,
    archive_study,
    clone_study,
    found_study,
    restore_study,
)
from epochwise.desk.work import OF_THE_SITE, WORK
from inference.registry.bundles import find_bundle
from inference.runs.entry import begin_each, begin_run, begin_study
from jobs.kinds import kinds
from recordings.models import Ingest, Recording
from studies.accounts.lifecycle import allow_studies
from studies.errors import ArchivedError
from studies.members import add_member
from studies.models import Act, AuditEvent, Membership, Mode, Role, Study, User
from tests.epochwise.test_permission_matrix import CASES
from tests.helpers.adjudications import finished_scoring
from tests.helpers.leak_walk import endpoints
from tests.helpers.world import SITE_ACTS, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(study, member) -> User:
    """A lead who is allowed to manage studies."""
    person = member(study, Role.LEAD, username="manager")
    person.may_manage_studies = True
    person.save()
    return person


# New studies, and accounts and models of the site, belong to no study.
OF_ACCOUNTS = {
    "desk:new-study",
    "inference:add-model",
    "lifecycle:erase-person",
} | {f"studies:{act}" for act in SITE_ACTS}


def acts() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("act", flat=True))


@pytest.mark.parametrize(
    "command",
    [
        ("import_recording", "night.edf"),
        ("import_scoring", "night.txt"),
        ("import_massex", "folder"),
        ("release", "create", "--title", "R", "--scorer", "A"),
        ("release", "withdraw", "1.0.0", "--reason", "x"),
        ("promote_bundle", "rules", "--reason", "x"),
        ("intake_rules", "--delete", "1"),
        ("correct_recording", "S1", "--mains", "60", "--reason", "x"),
        ("prescore", "--bundle", "rules"),
    ],
)
def test_commands_in_the_shell_change_nothing_of_an_archived_study(study, labels_only, command):
    Study.objects.update(archived_at=timezone.now())
    name, *given = command
    with pytest.raises(CommandError, match="archived and can only be read"):
        call_command(name, *given, "--study", study.slug)


class TestCreate:
    def test_whoever_creates_a_study_is_its_lead_and_the_act_is_recorded(self, manager):
        study = found_study(title="Sleep in shifts", slug="shifts", description="", by=manager)
        assert study.roles_of(manager) == {Role.LEAD}
        assert acts()[-2:] == [Act.STUDY_CREATED, Act.ROLE_GIVEN]

    def test_an_address_that_is_taken_creates_nothing(self, manager, study):
        with pytest.raises(AddressTakenError):
            found_study(title="Again", slug=study.slug, description="", by=manager)
        assert not Study.objects.filter(title="Again").exists()

    @pytest.mark.parametrize(
        ("title", "address"),
        [("Sleep cohort 2", "sleep-cohort-2"), ("睡眠", ""), ("שינה", ""), ("x" * 200, "x" * 60)],
    )
    def test_the_address_follows_from_the_title(self, title, address):
        assert address_for(title) == address

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"title": "睡眠", "slug": ""}, "slug"),
            ({"title": "x" * 5000, "slug": "long"}, "title"),
            ({"title": "", "slug": "none"}, "title"),
            ({"title": "Odd", "slug": "../etc"}, "slug"),
        ],
    )
    def test_the_form_says_what_does_not_fit(self, client, manager, given, field):
        client.force_login(manager)
        page = client.post(reverse("desk:new-study"), given)
        assert page.status_code == 200
        assert "field__errors" in page.content.decode().partition(f'name="{field}"')[2]
        assert Study.objects.count() == 1

    def test_the_page_creates_a_study_with_an_address_from_its_title(self, client, manager):
        client.force_login(manager)
        answer = client.post(reverse("desk:new-study"), {"title": "Naps", "description": "x"})
        assert answer.url == reverse("desk:settings", args=["naps"])


class TestClone:
    def test_settings_and_chosen_members_are_copied_and_no_data(self, manager, labels_only, member):
        study = labels_only.study
        study.guideline, study.phrases, study.may_release_words = "Score.", "W: Alpha.", True
        study.save()
        rater = member(study, Role.RATER)
        chosen = Membership.objects.filter(user=rater)
        clone = clone_study(source=study, title="Next", slug="next", members=chosen, by=manager)
        stored = Study.objects.get(pk=clone.pk)
        assert (stored.guideline, stored.phrases, stored.may_release_words) == (
            "Score.",
            "W: Alpha.",
            True,
        )
        assert set(stored.memberships.values_list("user__username", "role")) == {
            ("manager", "lead"),
            (rater.username, "rater"),
        }
        assert not stored.recordings.exists()

    def test_members_of_another_study_cannot_be_chosen(self, client, manager, other_study, member):
        foreign = member(other_study, Role.RATER).memberships.get()
        client.force_login(manager)
        given = {"title": "Next", "slug": "next", "members": [foreign.pk]}
        source = manager.memberships.get().study
        page = client.post(reverse("desk:clone", args=[source.slug]), given)
        assert page.status_code == 200
        assert not Study.objects.filter(slug="next").exists()


class TestArchive:
    def test_archiving_and_taking_back_are_recorded_with_their_reasons(self, study, manager):
        archive_study(study=study, why="Published.", by=manager)
        restore_study(study=study, why="A revision.", by=manager)
        rows = AuditEvent.objects.filter(study=study, why__gt="").order_by("pk")
        assert list(rows.values_list("act", "why")) == [
            (Act.STUDY_ARCHIVED, "Published."),
            (Act.STUDY_RESTORED, "A revision."),
        ]

    def test_neither_is_done_twice(self, study, manager):
        with pytest.raises(ArchivingRefusedError):
            restore_study(study=study, why="x", by=manager)
        archive_study(study=study, why="x", by=manager)
        with pytest.raises(ArchivingRefusedError):
            archive_study(study=study, why="x", by=manager)

    def test_a_study_with_unfinished_work_is_not_archived(self, labels_only: Recording, manager):
        Ingest.objects.create(recording=labels_only)
        with pytest.raises(ArchivingRefusedError, match="1 file being read"):
            archive_study(study=labels_only.study, why="x", by=manager)

    def test_work_that_waited_for_the_archiving_does_not_begin(self, labels_only, manager, member):
        """Its page was asked for before, so the guard of the addresses let it through."""
        study = labels_only.study
        annotator = member(study, Role.ANNOTATOR, username="late")
        scorer = finished_scoring(labels_only, "Expert", ["W"]).scorer
        archive_study(study=study, why="x", by=manager)
        pairs, wish = [(labels_only.pk, annotator.pk)], Wish(each=1, mode=Mode.BLIND)
        bundle = find_bundle("rules")
        late = (
            lambda: assign_many(study=study, pairs=pairs, wish=wish, by=manager),
            lambda: begin_each(study=study, recordings=[labels_only], bundle=bundle),
            lambda: begin_run(recording=labels_only, bundle=bundle),
            lambda: begin_study(study=study, bundle=bundle),
            lambda: request_export(
                study=study, scorer=scorer, include_open=True, requested_by=manager
            ),
        )
        for begin in late:
            with pytest.raises(ArchivedError):
                begin()
        assert not Scoring.objects.filter(scorer__user=annotator).exists()

    def test_every_kind_of_work_is_known(self):
        assert {kind.name for kind in kinds()} == WORK.keys() | OF_THE_SITE

    def test_an_archived_study_is_in_no_list_and_comes_back(
        self, client, scoring: Scoring, annotator, lead, manager
    ):
        study = scoring.study
        client.force_login(lead)
        archive_study(study=study, why="x", by=manager)
        assert nights_to_score(annotator) == []
        assert study.title not in client.get(reverse("home")).content.decode()
        page = client.get(reverse("study", args=[study.slug])).content.decode()
        assert "can only be read" in page
        client.force_login(annotator)
        address = reverse("annotations:scoring", args=[scoring.pk])
        assert client.get(address).json()["editable"] is False
        restore_study(study=study, why="x", by=manager)
        assert client.get(address).json()["editable"] is True
        assert [night.scoring for night in nights_to_score(annotator)] == [scoring]

    def test_every_address_that_changes_something_of_a_study_is_guarded(self):
        """The guard reads the study from the arguments of the address, so it must know one."""
        changing = {name for name, line in CASES if line.method.upper() not in READS} - OF_ACCOUNTS
        arguments = {endpoint.name: endpoint.arguments for endpoint in endpoints()}
        assert {name for name in changing if not arguments[name] & STUDY_OF.keys()} == set()


@pytest.mark.long
def test_nothing_of_an_archived_study_can_be_changed_by_anybody(db, media):
    world = World.build()
    world.study.archived_at = timezone.now()
    world.study.save()
    wrong = {}
    for name, line in CASES:
        person = next(iter(sorted(line.allowed & {"lead", "rater", "adjudicator", "owner"})), None)
        if line.method.upper() in READS or person is None or name in OF_ACCOUNTS | ALLOWED:
            continue
        address = reverse(name, kwargs=world.arguments[name])
        given = world.bodies.get(name, {})
        for client in (world.client(person), world.client("other-lead")):
            answer = getattr(client, line.method)(
                address, given, content_type=world.content_type(name)
            )
            is_refused = answer.status_code == 409 and b"archived" in answer.content
            if is_refused != (client is world.client(person)):
                wrong[name, line.method] = answer.status_code
    assert wrong == {}


class TestRights:
    def test_a_lead_who_is_not_allowed_creates_clones_and_archives_nothing(
        self, client, study, lead
    ):
        client.force_login(lead)
        for name, arguments in [("new-study", []), ("clone", [study.slug]), ("archive", ["x"])]:
            answer = client.post(reverse(f"desk:{name}", args=arguments), {"why": "x"})
            assert answer.status_code in {403, 404}, name
        assert "Create study" not in client.get(reverse("desk:studies")).content.decode()

    def test_an_owner_allows_and_withdraws_with_a_reason(self, client, lead, study):
        owner = User.objects.create_superuser("the-owner")
        allow_studies(account=lead, allowed=True, by=owner, why="Leads the lab.")
        client.force_login(lead)
        assert client.get(reverse("desk:archive", args=[study.slug])).status_code == 200
        allow_studies(account=lead, allowed=False, by=owner, why="Left.")
        lead.refresh_from_db()
        assert client.get(reverse("desk:archive", args=[study.slug])).status_code == 403
        assert acts()[-2:] == [Act.STUDIES_ALLOWED, Act.STUDIES_REFUSED]

    def test_only_owners_of_the_site_allow(self, client, lead):
        address = reverse("studies:allow-studies", args=[lead.pk])
        given = {"allowed": "yes", "why": "Leads the lab."}
        client.force_login(User.objects.create(username="staff", is_staff=True))
        assert client.post(address, given).status_code == 404
        client.force_login(User.objects.create_superuser("the-owner"))
        client.post(address, {"allowed": "yes", "why": " "})
        lead.refresh_from_db()
        assert not lead.may_manage_studies
        client.post(address, given)
        lead.refresh_from_db()
        assert lead.may_manage_studies
        assert (
            "may create studies"
            in client.get(reverse("studies:person", args=[lead.pk])).content.decode()
        )

    def test_an_owner_of_the_site_takes_back_a_study_of_others(self, client, study, manager):
        archive_study(study=study, why="x", by=manager)
        client.force_login(User.objects.create_superuser("the-owner"))
        assert study.title in client.get(reverse("desk:studies")).content.decode()
        assert client.get(reverse("study", args=[study.slug])).status_code == 404
        client.post(reverse("desk:restore", args=[study.slug]), {"why": "Asked for."})
        study.refresh_from_db()
        assert study.archived_at is None

    def test_others_do_not_learn_which_studies_there_are(self, client, other_study, manager):
        client.force_login(manager)
        assert other_study.title not in client.get(reverse("desk:studies")).content.decode()
        assert client.get(reverse("desk:clone", args=[other_study.slug])).status_code == 404


class TestMembers:
    def removal(self, client, membership) -> str:
        address = reverse("desk:removal", args=[membership.study.slug, membership.pk])
        return client.get(address).content.decode()

    def test_the_page_says_what_is_open_and_what_becomes_of_it(
        self, client, scoring, annotator, lead
    ):
        client.force_login(lead)
        page = self.removal(client, annotator.memberships.get())
        assert "1 open scoring" in page
        assert "can no longer open it" in page
        add_member(study=scoring.study, user=annotator, role=Role.RATER)
        page = self.removal(client, annotator.memberships.get(role=Role.ANNOTATOR))
        assert "can still continue it" in page
        assert "stays rater" in page

    def test_the_last_lead_cannot_be_removed(self, client, study, lead):
        client.force_login(lead)
        page = self.removal(client, lead.memberships.get())
        assert "only lead" in page
        assert "Remove role</button>" not in page
        client.post(reverse("studies:remove", args=[study.slug, lead.memberships.get().pk]))
        assert study.roles_of(lead) == {Role.LEAD}

    def test_a_lead_who_removes_themselves_is_led_to_the_start_page(
        self, client, study, lead, manager
    ):
        client.force_login(lead)
        own = lead.memberships.get()
        answer = client.post(reverse("studies:remove", args=[study.slug, own.pk]))
        assert answer.url == reverse("home")

    def test_a_role_is_given_to_members_alone(self, client, study, lead, annotator, other_study):
        client.force_login(lead)
        address = reverse("desk:give-role", args=[study.slug])
        client.post(address, {"user": annotator.pk, "role": "rater"})
        assert study.roles_of(annotator) == {Role.ANNOTATOR, Role.RATER}
        stranger = User.objects.create(username="stranger")
        assert client.post(address, {"user": stranger.pk, "role": "rater"}).status_code == 200
        assert study.roles_of(stranger) == set()
