from typing import Any

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"

    def ready(self) -> None:
        from django.db.models.signals import post_delete

        from recordings.models import recording_ready
        from studies.models import Membership

        recording_ready.connect(bring_stages)
        post_delete.connect(end_downloads, sender=Membership)


def end_downloads(*, instance: Any, **given: Any) -> None:
    """End the access of a person to releases with their last role in the study."""
    from annotations.releases.sharing import end_with_membership

    end_with_membership(study_id=instance.study_id, person_id=instance.user_id)


def bring_stages(sender: Any, **given: Any) -> None:
    """Import the stages that came with a recording.

    What reads them is loaded then, with half of the memory that a command needs to start.
    """
    from annotations.exchange.scoring_files import import_stages_that_came_along

    import_stages_that_came_along(**given)
