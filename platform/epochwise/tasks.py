"""The Celery tasks of the site as a whole."""

from celery import shared_task
from django.core.management import call_command


@shared_task(name="epochwise.tasks.clear_sessions")
def clear_sessions() -> None:
    """Delete expired sessions; runs every day."""
    call_command("clearsessions")
