"""Ownership of the embedded servers: the first process starts them and stops them at the end."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import IO

from epochwise.embedded import paths
from epochwise.embedded.paths import EmbeddedError
from epochwise.embedded.postgres import Postgres
from epochwise.embedded.redis import Redis

OWN_WITHIN_S = 6
WITHOUT_MIGRATIONS = {"migrate", "makemigrations", "showmigrations", "sqlmigrate", "dbshell"}
WITHOUT_SERVERS = {
    "up",
    "help",
    "version",
    "collectstatic",
    "findstatic",
    "simulate_night",
    "--help",
    "--version",
}


class Servers:
    """PostgreSQL and Redis of this installation, running during a `with` block."""

    def __init__(self) -> None:
        self.redis = Redis()
        self.postgres = Postgres()

    def __enter__(self) -> "Servers":
        paths.make_private(paths.socket_dir())
        try:
            self.postgres.start()
            self.redis.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.redis.stop()
        self.postgres.stop()
        with suppress(OSError):  # not empty if it contains other files
            paths.socket_dir().rmdir()


def _open_lock(name: str) -> IO[str]:
    return (paths.make_var() / name).open("a")


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def embedded_in_use() -> bool:
    return not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


@contextmanager
def using_services() -> Iterator[None]:
    """Start the servers, or use those of another process (the owner).

    At its end the owner waits until all other users (guests) have ended, then stops the servers.
    """
    with _open_lock("owner.lock") as owner, _open_lock("guests.lock") as guests:
        # The gate is locked while the servers start, so that guests wait until both answer.
        with _gate():
            servers = Servers() if _try_lock(owner) else None
            if servers:
                servers.__enter__()
            else:
                fcntl.flock(guests, fcntl.LOCK_SH)
        try:
            yield
        finally:
            if servers:
                with _gate():  # new processes wait here, and then start the servers again
                    fcntl.flock(guests, fcntl.LOCK_EX)
                    servers.stop()


@contextmanager
def owning_services() -> Iterator[Servers]:
    """Own the servers while a site runs; at its end the site does not wait for guests.

    Raises
    ------
    EmbeddedError
        When another site or a long command owns them.
    """
    with _open_lock("owner.lock") as owner:
        deadline = time.monotonic() + OWN_WITHIN_S
        while not _try_lock(owner):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"a site or a long command already uses {paths.var_dir()}: "
                    "stop it first, or use that site"
                )
            time.sleep(0.2)
        with ExitStack() as stack:
            with _gate():
                servers = stack.enter_context(Servers())
            yield servers


@contextmanager
def _gate() -> Iterator[None]:
    with _open_lock("gate.lock") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        yield


@contextmanager
def services_for_command(arguments: Sequence[str]) -> Iterator[None]:
    """Run a management command with the embedded servers, if these are used."""
    wants_help = not arguments or {"-h", "--help"} & set(arguments)
    if not embedded_in_use() or wants_help or arguments[0] in WITHOUT_SERVERS:
        yield
        return
    try:
        with using_services():
            if arguments[0] not in WITHOUT_MIGRATIONS:
                _migrate()
            yield
    except PermissionError as error:
        sys.exit(f"epochwise: {error}")


def _migrate() -> None:
    """Migrate the embedded database, so that the first command on a machine works."""
    import django
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    with _open_lock("migrate.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
    connection.close()
