"""WSGI entry point."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from epochwise.database import FOR_REQUESTS

# A request waits for the database some ten times, and after each answer for the other threads of
# its process. With the default of 5 ms per switch, waiting would take longer than the work.
THREAD_TURN_S = 0.0005

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "epochwise.settings")
os.environ[FOR_REQUESTS] = "1"
application = get_wsgi_application()
sys.setswitchinterval(THREAD_TURN_S)
