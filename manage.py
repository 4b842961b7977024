#!/usr/bin/env python
"""Command line of Epochwise. Every command works on its own: see epochwise.embedded."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def main() -> None:
    sys.path.insert(0, str(ROOT))
    sys.path.insert(0, str(ROOT / "platform"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "epochwise.settings")
    if sys.argv[1:2] == ["up"]:  # its processes are several already, and forked from it
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from epochwise.embedded import EmbeddedError, services_for_command

    try:
        with services_for_command(sys.argv[1:]):
            execute_from_command_line(sys.argv)
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(f"epochwise: {error}")


if __name__ == "__main__":
    main()
