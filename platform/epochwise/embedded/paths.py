"""Folders and account of the embedded servers."""

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from epochwise.secrets import private_text

ROOT = Path(__file__).resolve().parents[3]
DATABASE_NAME = "epochwise"
DATABASE_USER = "epochwise"


def var_dir() -> Path:
    """Return the folder of all files that the running site writes."""
    return Path(os.environ.get("EPOCHWISE_VAR") or ROOT / "var").resolve()


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
    raise RuntimeError("root needs an account named postgres or nobody to run PostgreSQL")


def reachable(path: Path) -> bool:
    """Return whether an account without rights may open all folders down to `path`."""
    existing = path if path.exists() else path.parent
    return all(
        part.stat().st_mode & 0o001 for part in [existing, *existing.parents] if part.is_dir()
    )


def _digest() -> str:
    return hashlib.sha256(str(var_dir()).encode()).hexdigest()[:12]


def data_dir() -> Path:
    """Return the data folder of both servers; it is in var/ if their account can open that."""
    var = var_dir()
    var.mkdir(parents=True, exist_ok=True)
    if not server_account().switch or reachable(var):
        return var
    return Path("/var/lib/epochwise") / _digest()


def socket_dir() -> Path:
    """Return a private folder with a path short enough for a socket (107 bytes)."""
    return Path(tempfile.gettempdir()) / f"epochwise-{os.geteuid()}-{_digest()}"


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
    copy = (
        Path("/var/lib/epochwise/binaries") / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    )
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(folder, draft, symlinks=True)
        draft.rename(copy)
    return copy


def password() -> str:
    return private_text(var_dir() / "database_password")


def database_url() -> str:
    host = quote(str(socket_dir()), safe="")
    return f"postgres://{DATABASE_USER}:{password()}@{host}/{DATABASE_NAME}"


def redis_url() -> str:
    return f"unix://{socket_dir() / 'redis.sock'}"
