"""What is loaded before processes are forked, so that they share its memory."""

import ctypes
import gc
import re
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.template import TemplateSyntaxError, engines
from django.template.loader import get_template
from django.urls import get_resolver, reverse

# What the programs of the site import when they begin.
PROGRAMS = (
    "celery.bin.celery",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.concurrency.prefork",
    "celery.worker.components",
    "celery.worker.consumer",
    "gunicorn.app.wsgiapp",
    "gunicorn.arbiter",
    "gunicorn.workers.gthread",
)
MADV_DONTNEED = 4
M_ARENA_MAX = -8
# Code of libraries. It is never written; what is needed of it is read from the file again. Other
# pages that cannot be written now hold addresses that were written when the library was loaded.
CODE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r-xp .* /.*\.so", re.MULTILINE)


def load_site() -> None:
    """Load what all processes of the site need."""
    share_one_heap()
    for name in PROGRAMS:
        import_module(name)
    load_work()
    load_pages()
    let_go_of_code()


@cache
def load_pages() -> None:
    """Load what answers need."""
    for name in settings.MIDDLEWARE:
        import_module(name.rpartition(".")[0])
    get_resolver().url_patterns  # noqa: B018  reading it imports all pages
    reverse("login")  # makes the table of addresses
    for folder in engines["django"].dirs:
        for file in Path(folder).rglob("*.*"):
            with suppress(TemplateSyntaxError):
                get_template(str(file.relative_to(folder)))
    keep()


@cache
def load_work() -> None:
    """Load what workers do."""
    from epochwise.celery import app
    from jobs.kinds import kinds

    app.loader.init_worker()
    app.finalize()
    kinds()
    keep()


def keep() -> None:
    """Take what is loaded out of collections: they write into every object, and so copy it."""
    gc.collect()
    gc.freeze()


def let_go_of_code() -> None:
    """Return the pages of libraries that were read only to load them (Linux only)."""
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    for start, end in CODE.findall(Path("/proc/self/maps").read_text()):
        at, beyond = int(start, 16), int(end, 16)
        advise(ctypes.c_void_p(at), ctypes.c_size_t(beyond - at), MADV_DONTNEED)


def share_one_heap() -> None:
    """Let all threads of a process allocate from one heap; Python runs one at a time (glibc)."""
    if hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_ARENA_MAX, 1)
