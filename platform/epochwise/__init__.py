"""Wiring of the site: settings, urls, servers, home page, health, demo."""

import os

# Files 0640 and folders 0750, in every process of the site and every command.
os.umask(0o027)

from epochwise.celery import app as celery_app  # noqa: E402  the mask comes first

__all__ = ["celery_app"]
