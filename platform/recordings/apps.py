from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RecordingsConfig(AppConfig):
    name = "recordings"

    def ready(self) -> None:
        from recordings.store import bind_new_store

        post_migrate.connect(bind_new_store, sender=self, dispatch_uid="bind_new_store")
