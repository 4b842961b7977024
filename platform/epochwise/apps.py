from typing import Any

from django.apps import AppConfig
from django.utils.module_loading import import_string


class EpochwiseConfig(AppConfig):
    name = "epochwise"

    def ready(self) -> None:
        from recordings.corrections.models import signals_replacing

        signals_replacing.connect(_made_on_signals)


def _made_on_signals(**signal: Any) -> dict[str, list[int]]:
    # Loaded when signals are corrected: every command would have to wait for what it imports.
    made: dict[str, list[int]] = import_string(
        "epochwise.lifecycle.signal_corrections.made_on_signals"
    )(**signal)
    return made
