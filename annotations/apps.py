from typing import Any

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"

    def ready(self) -> None:
        from recordings.models import recording_ready

        recording_ready.connect(bring_stages)


def bring_stages(sender: Any, **given: Any) -> None:
    """Import the stages that came with a recording.

    What reads them is loaded then, with half of the memory that a command needs to start.
    """
    from annotations.exchange.scoring_files import import_stages_that_came_along

    import_stages_that_came_along(**given)
