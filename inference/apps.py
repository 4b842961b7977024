from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

from inference.adapters.served import look_in


class InferenceConfig(AppConfig):
    name = "inference"

    def ready(self) -> None:
        look_in(settings.VAR / "model-servers")
        post_migrate.connect(_register_built_in, sender=self)


def _register_built_in(**_: object) -> None:
    """Register the built-in rules bundle, which needs no weights, in a new database."""
    from inference.registry.bundles import register_built_in

    register_built_in()
