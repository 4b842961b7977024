"""Comments of adjudicators on epochs, for each other. Scorers do not see them."""

from annotations.adjudication.models import Adjudication, AdjudicationComment
from annotations.saving import Save, atomic_save, refuse_outside
from studies.archive import lock_unarchived


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
