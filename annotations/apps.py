from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    name = "annotations"

    def ready(self) -> None:
        from annotations.exchange import scoring_files  # noqa: F401  they attach themselves
