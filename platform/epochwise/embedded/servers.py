"""Who owns the embedded servers: the first to come, until the last has gone."""

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from epochwise.embedded import paths
from epochwise.embedded.postgres import Postgres
from epochwise.embedded.process import EmbeddedError
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
    """PostgreSQL and Redis of this installation, owned for the life of a `with` block."""

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
        with suppress(OSError):  # not empty where somebody keeps files of their own in it
            paths.socket_dir().rmdir()

    def revive(self, tell: Callable[[str], None]) -> None:
        """Start again whichever server has died; both keep their data on disk."""
        for server in (self.postgres, self.redis):
            if server.process and server.process.poll() is not None:
                tell(f"{type(server).__name__} died and is started again")
                server.start()


def _open_lock(name: str) -> IO[str]:
    var = paths.var_dir()
    var.mkdir(parents=True, exist_ok=True)
    return Path(var / name).open("a")


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
    """Own the servers, or join those that another process owns.

    An owner that ends while guests still work waits for them.
    """
    with _open_lock("owner.lock") as owner, _open_lock("guests.lock") as guests:
        # The gate is held while servers start, so a guest never meets half-started ones.
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
                with _gate():  # newcomers wait here, and then start servers of their own
                    fcntl.flock(guests, fcntl.LOCK_EX)
                    servers.stop()


@contextmanager
def owning_services() -> Iterator[Servers]:
    """Own the servers for as long as a site runs; guests do not hold it up when it ends.

    Raises
    ------
    EmbeddedError
        When another site, or a command that takes long, owns them.
    """
    with _open_lock("owner.lock") as owner:
        deadline = time.monotonic() + OWN_WITHIN_S
        while not _try_lock(owner):
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"a site or a long command is running over {paths.var_dir()} already: "
                    "stop it first, or use that one"
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
    """Give a management command the servers it needs, when they are the embedded ones."""
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
    """Bring the embedded database up to date, so that the first command on a machine works."""
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
