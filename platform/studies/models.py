"""Users, studies, and roles of users in studies."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from psg.rules.editions import DEFAULT_EDITION
from studies.accounts.names import email_key, kept_or_new, username_key
from studies.notices.models import Notice as Notice
from studies.notices.models import NoticeChoices as NoticeChoices
from studies.notices.models import NoticeDigest as NoticeDigest


class Role(models.TextChoices):
    LEAD = "lead", "Research lead"
    ANNOTATOR = "annotator", "Annotator"
    ADJUDICATOR = "adjudicator", "Adjudicator"
    RATER = "rater", "Rater"
    VIEWER = "viewer", "Viewer"


class User(AbstractUser):
    """A person. Accounts are created by accepting an invitation, or in the shell."""

    name = models.CharField("full name", max_length=120, blank=True)
    # What names are compared by, so that no two accounts have names that look the same.
    username_key = models.CharField(unique=True, editable=False)
    email_key = models.CharField(blank=True, editable=False)
    # Raised to end all sessions at once.
    session_round = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    may_manage_studies = models.BooleanField(
        "may create studies, and clone and archive those they lead",
        default=False,
        db_default=False,  # processes that are older, during a restart, do not write it
    )

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["email_key"], condition=~models.Q(email_key=""), name="one_account_an_email"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.username_key = kept_or_new(self.username_key, username_key(self.username))
        self.email_key = kept_or_new(self.email_key, email_key(self.email))
        if update_fields is not None:
            update_fields = {*update_fields, "username_key", "email_key"}
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def label(self) -> str:
        """The name, with that of the account, since several people may have one name."""
        return f"{self} ({self.username})" if str(self) != self.username else self.username

    @property
    def leads_site(self) -> bool:
        """Whether this is a lead of the site, who manages all accounts."""
        return self.is_active and (self.is_staff or self.is_superuser)

    @property
    def manages_studies(self) -> bool:
        """Whether this person may create studies, and clone and archive those they lead."""
        return self.is_active and (self.is_superuser or self.may_manage_studies)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must know to stay valid: password and round of sessions."""
        known = f"{self.password}{self.session_round or ''}"
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(salt, known, secret=secret, algorithm="sha256").hexdigest()


class Track(models.TextChoices):
    COARSE = "coarse", "Coarse: stage and rules"
    FINE = "fine", "Fine: stage, rules and rationale"


class Mode(models.TextChoices):
    """What an annotator is shown of other scorings, enforced on the server."""

    BLIND = "blind", "Blind: no suggestions"
    REVEAL = "reveal", "Reveal: own stage first, then the suggestion"
    ASSISTED = "assisted", "Assisted: suggestion shown"
    REVIEW = "review", "Review: quality control of a finished scoring"

    @property
    def name_only(self) -> str:
        return str(self.label).split(":")[0]


# Shown to the lead who chooses a mode: what the scorer sees, and the use of the answers.
MODE_EXPLANATIONS = {
    Mode.BLIND: (
        "The scorer sees no other scoring and no detected waves. For reference labels and for"
        " agreement between people."
    ),
    Mode.REVEAL: (
        "The scorer answers first and locks the answer; then the suggestion is shown and the answer"
        " can be changed. Both answers are stored. For measuring the effect of suggestions."
    ),
    Mode.ASSISTED: (
        "The suggestion is shown from the start and can be accepted by key. Fast, but answers are"
        " biased towards the suggestion, even if it is wrong. Not for reference labels."
    ),
    Mode.REVIEW: (
        "The scorer checks and corrects a copy of a finished scoring. The original is shown beside"
        " it and is not changed. For quality control."
    ),
}


class StudyQuerySet(models.QuerySet["Study"]):
    def of(self, user: User, *roles: Role) -> "StudyQuerySet":
        """Return the studies in which `user` has any of `roles` (without `roles`: any role)."""
        memberships = Membership.objects.filter(user_id=user.pk)
        if roles:
            memberships = memberships.filter(role__in=roles)
        return self.filter(pk__in=memberships.values("study_id"))

    def in_use(self) -> "StudyQuerySet":
        """Return the studies that are not archived."""
        return self.filter(archived_at__isnull=True)


class Study(models.Model):
    """A protocol and the recordings, people and scorings under it."""

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    rule_edition = models.CharField(max_length=60, default=DEFAULT_EDITION)
    guideline = models.TextField(blank=True)
    phrases = models.TextField(
        blank=True,
        help_text="Text blocks for rationales, one per line. If empty: the default phrases",
    )
    track = models.CharField(max_length=10, choices=Track, default=Track.FINE)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.BLIND)
    licence = models.CharField(
        max_length=120, blank=True, help_text="Licence of releases, for example CC BY-NC 4.0"
    )
    data_terms = models.TextField(
        "conditions of use", blank=True, help_text="Duties of users of the data"
    )
    may_release_words = models.BooleanField(
        "rationales and comments may be released",
        default=False,
        help_text="Free text can contain personal data",
    )
    may_release_images = models.BooleanField(
        "images of epochs may be released",
        default=False,
        help_text="Signals as drawn for the model. If off, images are listed but not included",
    )
    may_release_signals = models.BooleanField(
        "signals may be released",
        default=False,
        help_text="Check the agreement under which the recordings were obtained",
    )
    may_train_models = models.BooleanField(
        "models may be trained on what is released",
        default=False,
        help_text="The page of a release then shows the instructions",
    )
    created_at = models.DateTimeField(default=timezone.now)
    # An archived study is read-only and not in the lists.
    archived_at = models.DateTimeField(null=True, editable=False)

    objects = StudyQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.title

    def roles_of(self, user: User) -> set[Role]:
        roles = self.memberships.filter(user_id=user.pk).values_list("role", flat=True)
        return {Role(role) for role in roles}

    def allows(self, user: User, roles: Iterable[Role]) -> bool:
        return not self.roles_of(user).isdisjoint(roles)


class StudyMontages(models.Model):
    """Named sets of channels and filters, for everybody who looks at signals of a study.

    They can be large and are needed in one place only, so the study does not carry them.
    """

    study = models.OneToOneField(
        Study, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    montages = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=0, help_text="Counts the changes")

    objects: "models.Manager[StudyMontages]" = models.Manager()

    class Meta:
        verbose_name_plural = "montages of studies"

    def __str__(self) -> str:
        return f"montages of {self.study}"


class Membership(models.Model):
    """A role of a user in a study; a user may have several roles."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        ordering = ["study", "user", "role"]
        constraints = [
            models.UniqueConstraint(fields=["study", "user", "role"], name="one_membership_a_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.get_role_display()} in {self.study}"


class Preferences(models.Model):
    """Display settings and keys of a user, which the browser defines, and tours they have seen."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="preferences")
    display = models.JSONField(default=dict, blank=True)
    keys = models.JSONField(default=dict, blank=True, help_text="Action to its list of keys")
    tours = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="Role to the names of tours it has seen"
    )

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user}"


class SavedView(models.Model):
    """A list of a study as somebody wants to see it again: filters, order and columns.

    `query` is the query of the address. It is read like any other, so a column or a filter that
    does not exist any more is left out, with a word about it.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="saved_views")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=20, help_text="The list: recordings or scorings")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_shared = models.BooleanField("shared with the study", default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects: "models.Manager[SavedView]" = models.Manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "user", "page", "name"], name="one_view_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Invitation(models.Model):
    """A link by which a person joins a study, once. Only the hash of its token is stored."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="invitations_sent"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="invitations_accepted"
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()} in {self.study}"

    @classmethod
    def of_token(cls, token: str) -> "Invitation | None":
        hashed = hashlib.sha256(token.encode()).hexdigest()
        return cls.objects.filter(token_sha256=hashed).first()

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.expires_at > timezone.now()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> "ApiTokenQuerySet":
        return self.filter(withdrawn_at=None, expires_at__gt=timezone.now(), user__is_active=True)


class ApiToken(models.Model):
    """Lets a program read what its owner may read. Only the hash of the token is stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80, help_text="Such as the lab’s GPU box")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class Act(models.TextChoices):
    """What the audit trail records."""

    ROLE_GIVEN = "role_given", "Gave a role"
    ROLE_REMOVED = "role_removed", "Removed a role"
    INVITED = "invited", "Created an invitation"
    INVITATION_WITHDRAWN = "invitation_withdrawn", "Withdrew an invitation"
    INVITATION_ACCEPTED = "invitation_accepted", "Accepted an invitation"
    PROTOCOL_CHANGED = "protocol_changed", "Changed the protocol"
    TERMS_CHANGED = "terms_changed", "Changed the release terms"
    TOKEN_CREATED = "token_created", "Created an API token"
    TOKEN_WITHDRAWN = "token_withdrawn", "Withdrew an API token"
    TOKEN_READ = "token_read", "Read data with an API token"
    DOWNLOADED = "downloaded", "Downloaded data"
    SCORINGS_IMPORTED = "scorings_imported", "Imported scorings"
    RELEASE_FROZEN = "release_frozen", "Froze a release"
    RELEASE_WITHDRAWN = "release_withdrawn", "Withdrew a release"
    RELEASE_ALLOWED = "release_allowed", "Allowed a person to download a release"
    RELEASE_REFUSED = "release_refused", "No longer allowed a person to download a release"
    RELEASE_ACCEPTED = "release_accepted", "Accepted the terms of a release"
    MODEL_ADDED = "model_added", "Added a model"
    MODEL_DECIDED = "model_decided", "Decided about the default model"
    RATER_ADMITTED = "rater_admitted", "Admitted a rater to the main round"
    UNBLINDED = "unblinded", "Revealed the sources of a rating study"
    ADJUDICATION_DISCARDED = "adjudication_discarded", "Discarded an adjudication"
    STORE_ADOPTED = "store_adopted", "Adopted the store"
    QUARANTINE_MOVED = "quarantine_moved", "Moved files to quarantine"
    QUARANTINE_RESTORED = "quarantine_restored", "Restored from quarantine"
    QUARANTINE_EMPTIED = "quarantine_emptied", "Emptied the quarantine"
    ERASED = "erased", "Erased"
    INTAKE_IMPORTED = "intake_imported", "Imported recordings"
    RENAMED = "renamed", "Renamed a recording"
    MOVED = "moved", "Moved a recording to another subject"
    SIGNALS_CORRECTED = "signals_corrected", "Corrected the signals of a recording"
    STUDY_CREATED = "study_created", "Created a study"
    STUDY_ARCHIVED = "study_archived", "Archived a study"
    STUDY_RESTORED = "study_restored", "Restored a study"
    STUDIES_ALLOWED = "studies_allowed", "Allowed to manage studies"
    STUDIES_REFUSED = "studies_refused", "No longer allowed to manage studies"
    OWNER_CREATED = "owner_created", "Created an owner of the site"
    ASSIGNED = "assigned", "Assigned recordings"
    RESCHEDULED = "rescheduled", "Changed due dates"
    REMINDED = "reminded", "Sent reminders"
    LOGIN = "login", "Signed in"
    LOGIN_FAILED = "login_failed", "Failed to sign in"
    LOGOUT = "logout", "Signed out"
    SESSIONS_ENDED = "sessions_ended", "Signed out elsewhere"
    PASSWORD_CHANGED = "password_changed", "Changed the password"
    PASSWORD_RESET = "password_reset", "Set a new password by a link"
    RESET_LINK_CREATED = "reset_link_created", "Created a link for a new password"
    ACCOUNT_CHANGED = "account_changed", "Changed name or e-mail"
    ACCOUNT_DEACTIVATED = "account_deactivated", "Deactivated an account"
    ACCOUNT_REACTIVATED = "account_reactivated", "Reactivated an account"


class AuditEvent(models.Model):
    """An act of a person. The database refuses to change or delete the row."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    # Without choices, so that a new kind of act is one entry and no migration.
    act = models.CharField(max_length=40)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="audit_events")
    study = models.ForeignKey(
        Study, null=True, on_delete=models.PROTECT, related_name="audit_events"
    )
    # Rows stay for ever, so people are named by their account, which can be erased.
    person = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="audit_events_about"
    )
    about = models.CharField(max_length=200, blank=True)
    why = models.TextField(blank=True)
    address = models.CharField(max_length=45)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.subject}"

    @property
    def subject(self) -> str:
        """Whom and what the event is about."""
        return f"{self.person or ''} {self.about}".strip()

    def get_act_display(self) -> str:
        return Act(self.act).label if self.act in Act.values else self.act
