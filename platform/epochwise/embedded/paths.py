"""Folders and account of the embedded servers."""

import hashlib
import os
import pwd
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from epochwise.secrets import private_text

ROOT = Path(__file__).resolve().parents[3]
DATABASE_NAME = "epochwise"
DATABASE_USER = "epochwise"
ELSEWHERE = Path("/var/lib/epochwise")
LONGEST_SOCKET = ".s.PGSQL.5432.lock"
LONGEST_PATH = 104  # bytes, with the zero at the end; 108 on Linux


def var_dir() -> Path:
    """Return the folder of all files that the running site writes."""
    return Path(os.environ.get("EPOCHWISE_VAR") or ROOT / "var").resolve()


class EmbeddedError(Exception):
    """An embedded server failed; the text says what failed and what to do."""


@dataclass(frozen=True)
class Account:
    """Account of the servers: that of this process, or for root an account without rights."""

    uid: int
    gid: int
    switch: bool

    def own(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)


@cache
def server_account() -> Account:
    """Return the account of the servers. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, switch=True)
    raise EmbeddedError("root needs an account named postgres or nobody to run PostgreSQL")


def make_var() -> Path:
    """Create the folder of the site, closed to other accounts except that of the servers.

    Raises
    ------
    EmbeddedError
        When this account cannot write there.
    """
    var = var_dir()
    try:
        is_new = not var.exists()
        var.mkdir(parents=True, exist_ok=True)
        # A folder that was closed to the account of the servers stays so: their data is elsewhere.
        if var.stat().st_uid == os.geteuid() and (is_new or var.stat().st_mode & 0o001):
            os.chown(var, -1, server_account().gid)
            var.chmod(0o750)
    except OSError as error:
        raise _unwritable(var, error.strerror) from error
    if not os.access(var, os.W_OK | os.X_OK):
        raise _unwritable(var, "no permission, or a read-only disk")
    return var


def _unwritable(var: Path, why: str | None) -> EmbeddedError:
    return EmbeddedError(
        f"{var} cannot be written ({why}): make it writable for this account, "
        "or set EPOCHWISE_VAR to another folder"
    )


def reachable(path: Path) -> bool:
    """Return whether the account of the servers may open all folders down to `path`."""
    existing = path if path.exists() else path.parent
    return all(_lets_pass(part) for part in [existing, *existing.parents] if part.is_dir())


def _lets_pass(folder: Path) -> bool:
    status = folder.stat()
    by_group = status.st_gid == server_account().gid and status.st_mode & 0o010
    return bool(status.st_mode & 0o001 or by_group)


def _digest() -> str:
    return hashlib.sha256(str(var_dir()).encode()).hexdigest()[:12]


def data_dir() -> Path:
    """Return the data folder of both servers; it is in var/ if their account can open that."""
    var = make_var()
    if not server_account().switch or reachable(var):
        return var
    return _passable(_passable(ELSEWHERE) / _digest())


def _passable(folder: Path) -> Path:
    """Create a folder through which the account of the servers may pass."""
    if not (folder.exists() and _lets_pass(folder)):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    return folder


def socket_dir() -> Path:
    """Return a private folder with a path short enough for a socket.

    It follows from the folder of the site alone, so that all its commands find the same servers.
    (TMPDIR may differ between them, and each systemd unit may have its own /tmp.)
    """
    inside = var_dir() / "run"
    fits = len(os.fsencode(inside / LONGEST_SOCKET)) < LONGEST_PATH
    if fits and (not server_account().switch or reachable(var_dir())):
        return inside
    return Path("/tmp") / f"epochwise-{os.geteuid()}-{_digest()}"


def make_private(path: Path) -> Path:
    """Create a 0700 folder owned by the account of the servers.

    Raises
    ------
    PermissionError
        When the folder exists and belongs to another account.
    """
    account = server_account()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
        account.own(path)
    except FileExistsError:
        status = path.lstat()
        if not path.is_dir() or path.is_symlink() or status.st_uid not in {account.uid, 0}:
            raise PermissionError(f"{path} belongs to somebody else: remove it") from None
        path.chmod(0o700)
        account.own(path)
    return path


def reachable_copy(folder: Path) -> Path:
    """Return `folder`, or a copy of it if the account of the servers cannot open it."""
    if not server_account().switch or reachable(folder):
        return folder
    _passable(ELSEWHERE)
    copies = _passable(ELSEWHERE / "binaries")
    copy = copies / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(folder, draft, symlinks=True)
        draft.rename(copy)
    return copy


def password() -> str:
    return private_text(
        var_dir() / "database_password",
        advice="restore it from a backup; without it the embedded database cannot be opened",
    )


def database_url() -> str:
    host = quote(str(socket_dir()), safe="")
    return f"postgres://{DATABASE_USER}:{password()}@{host}/{DATABASE_NAME}"


def redis_url() -> str:
    return f"unix://{socket_dir() / 'redis.sock'}"
