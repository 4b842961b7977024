"""WSGI entry point."""

import os
import sys

from django.core.wsgi import get_wsgi_application

# A request waits for the database some ten times, and after each answer for its turn among the
# threads of its process. Python's own 5 ms a turn would add up to more than the request's work.
THREAD_TURN_S = 0.0005

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "epochwise.settings")
application = get_wsgi_application()
sys.setswitchinterval(THREAD_TURN_S)
