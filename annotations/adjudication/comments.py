"""Comments of adjudicators on epochs, for each other. Scorers do not see them."""

from collections.abc import Collection, Mapping

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from annotations.adjudication.models import Adjudication, AdjudicationComment
from annotations.saving import Save, atomic_save, refuse_outside
from studies.archive import lock_unarchived

# So many comments of an epoch are sent at once, the newest first loaded.
COMMENTS_A_PAGE = 50


def newest_comments(
    adjudication: Adjudication, epochs: Collection[int]
) -> Mapping[int, tuple[list[AdjudicationComment], int]]:
    """Return the newest comments of epochs in the order of writing, and how many there are."""
    found: dict[int, tuple[list[AdjudicationComment], int]] = {epoch: ([], 0) for epoch in epochs}
    rows = (
        adjudication.comments.filter(epoch__in=epochs)
        .annotate(
            place=Window(RowNumber(), partition_by="epoch", order_by=F("pk").desc()),
            total=Window(Count("pk"), partition_by="epoch"),
        )
        .filter(place__lte=COMMENTS_A_PAGE)
        .select_related("author")
    )
    for each in rows.order_by("pk"):
        found[each.epoch] = ([*found[each.epoch][0], each], each.total)
    return found


def earlier_comments(
    *, adjudication: Adjudication, epoch: int, before: int
) -> list[AdjudicationComment]:
    """Return the newest comments of an epoch before the comment with this id."""
    rows = adjudication.comments.filter(epoch=epoch, pk__lt=before).select_related("author")
    return list(rows.order_by("-pk")[:COMMENTS_A_PAGE])[::-1]


@atomic_save
def comment(
    *, adjudication: Adjudication, epoch: int, text: str, save: Save
) -> AdjudicationComment:
    """Add a comment to an epoch of an open or a closed adjudication.

    Raises
    ------
    ArchivedError, ForeignClientUuidError, OutsideNightError
    """
    lock_unarchived(adjudication.recording.study_id)
    Adjudication.objects.select_for_update(of=("self",)).get(pk=adjudication.pk)
    known = save.first_answer(
        AdjudicationComment, adjudication_id=adjudication.pk, epoch=epoch, author_id=save.user.pk
    )
    if known:
        return known
    refuse_outside(epoch, adjudication.recording)
    return AdjudicationComment.objects.create(
        adjudication=adjudication,
        epoch=epoch,
        author=save.user,
        text=text,
        client_uuid=save.client_uuid,
    )
