"""What begins work of a study makes sure that the study is not archived meanwhile."""

from studies.errors import ArchivedError
from studies.models import Study


def lock_unarchived(study_id: int) -> None:
    """Lock a study until the transaction ends, so that nobody archives it meanwhile.

    That it was not archived when the request came is not enough: it may be archived since then.

    Raises
    ------
    ArchivedError
    """
    locked = Study.objects.select_for_update(no_key=True).get(pk=study_id)
    if locked.archived_at:
        raise ArchivedError
