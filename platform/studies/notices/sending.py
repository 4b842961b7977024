"""Making notices. Services call `notify` in the transaction of what they tell of."""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from studies.accounts.mail import mail_is_on
from studies.models import Membership, Role, Study, User
from studies.notices.kinds import KINDS, NoticeKind
from studies.notices.models import Notice, NoticeChoices

# A notice about so many things takes in no more; the next begins a new one.
FULL = 500


def notify(
    name: str,
    *,
    study: Study,
    to: Iterable[User],
    about: Sequence[int],
    by: User | None = None,
    key: str = "",
) -> None:
    """Tell members of a study what happened.

    In the same transaction, so that there is no notice of what was rolled back, and none is lost
    if the process ends after the commit.

    Parameters
    ----------
    name
        The kind.
    to
        Who is told, as far as they are members with the role of the kind.
    about
        Ids of what the kind is about.
    by
        Who did it, and is not told.
    key
        What else tells notices of the kind apart.
    """
    kind = KINDS[name]
    people = _members(study, kind, {person.pk for person in to if by is None or person != by})
    if not people or not about:
        return
    rows = [
        Notice(
            recipient_id=pk, study=study, kind=name, about=list(about), key=key,
            role=kind.role or "", on_page=on_page, by_mail=by_mail,
        )
        for pk, on_page, by_mail in _wanted(people, kind)
    ]  # fmt: skip
    Notice.objects.bulk_create(_not_merged(rows, kind) if kind.merges else rows)


def leads_of(study: Study) -> list[User]:
    leads = User.objects.filter(memberships__study=study, memberships__role=Role.LEAD)
    return list(leads.order_by("pk"))


def _members(study: Study, kind: NoticeKind, ids: Collection[int]) -> list[int]:
    if not ids:
        return []
    membership = Membership.objects.filter(study=study, user=OuterRef("pk"))
    if kind.role:
        membership = membership.filter(role=kind.role)
    members = User.objects.filter(Exists(membership), pk__in=ids, is_active=True)
    return list(members.order_by("pk").values_list("pk", flat=True))


def _wanted(people: Sequence[int], kind: NoticeKind) -> Iterable[tuple[int, bool, bool]]:
    """Yield who gets this kind at all, and whether on the page and by mail."""
    mails = mail_is_on()
    chosen = {choices.user_id: choices for choices in NoticeChoices.objects.filter(user__in=people)}
    for pk in people:
        choices = chosen.get(pk) or NoticeChoices(user_id=pk)
        on_page = kind.switch not in choices.off_page
        by_mail = kind.switch not in choices.off_mail and not kind.mailed_at_once
        # What no place can show is not made: nobody would ever see it.
        if on_page or (by_mail and mails and choices.digest != NoticeChoices.Digest.OFF):
            yield pk, on_page, by_mail


def _not_merged(rows: Sequence[Notice], kind: NoticeKind) -> list[Notice]:
    """Add rows to unseen notices that are neither mailed nor full; return those that found none."""
    first = rows[0] if rows else None
    if first is None:
        return []
    open_ones = {
        notice.recipient_id: notice
        for notice in Notice.objects.select_for_update(of=("self",))
        .filter(
            Q(recipient__in=[row.recipient_id for row in rows]),
            study=first.study, kind=kind.name, key=first.key, seen_at=None, digest=None,
            about__len__lt=FULL,
        )
        .order_by("pk")
    }  # fmt: skip
    alone = []
    for row in rows:
        if notice := open_ones.get(row.recipient_id):
            notice.about = list(dict.fromkeys([*notice.about, *row.about]))
            notice.on_page, notice.by_mail = row.on_page, row.by_mail
            notice.made_at = timezone.now()
        else:
            alone.append(row)
    Notice.objects.bulk_update(open_ones.values(), ["about", "on_page", "by_mail", "made_at"])
    return alone
