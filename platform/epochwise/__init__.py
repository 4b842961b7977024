"""Wiring of the site: settings, urls, servers, home page, health, demo."""

from epochwise.celery import app as celery_app

__all__ = ["celery_app"]
