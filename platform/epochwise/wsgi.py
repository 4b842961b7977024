"""WSGI entry point."""

import os
import sys
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from epochwise.database import FOR_REQUESTS
from epochwise.preload import load_pages

# A request waits for the database some ten times, and after each answer for the other threads of
# its process. With the default of 5 ms per switch, waiting would take longer than the work.
THREAD_TURN_S = 0.0005

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "epochwise.settings")
os.environ[FOR_REQUESTS] = "1"
# Matrices of a request are small. Threads that share one wait for each other while others compute.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
django_application = get_wsgi_application()
sys.setswitchinterval(THREAD_TURN_S)
load_pages()  # before the web processes are forked


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Pass a request to Django, which uses the charset of a body before it can refuse a request."""
    try:
        _, parameters = parse_header_parameters(environ.get("CONTENT_TYPE", ""))
        b"x".decode(parameters.get("charset", "utf-8"))
    except (LookupError, ValueError):
        environ["CONTENT_TYPE"] = "application/unreadable"
    return django_application(environ, start_response)
