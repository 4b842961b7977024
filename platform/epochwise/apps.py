from typing import Any

from django.apps import AppConfig
from django.utils.module_loading import import_string


class EpochwiseConfig(AppConfig):
    name = "epochwise"

    def ready(self) -> None:
        from recordings.corrections.models import signals_replaced, signals_replacing

        signals_replacing.connect(_dependents_on_signals)
        signals_replaced.connect(_forget_agreement)


# Loaded when signals are corrected: every command would have to wait for what it imports.
_ROOM = "epochwise.lifecycle.signal_corrections"


def _dependents_on_signals(**signal: Any) -> dict[str, list[int]]:
    made: dict[str, list[int]] = import_string(f"{_ROOM}.dependents_on_signals")(**signal)
    return made


def _forget_agreement(**signal: Any) -> None:
    import_string(f"{_ROOM}.forget_agreement")(**signal)
