"""Addresses of released weights: ``hf://OWNER/NAME@REVISION``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inference.bundles import BundleError

SCHEME = "hf://"
_ADDRESS = re.compile(
    r"hf://(?P<repository>[\w][\w.-]{0,95}/[\w][\w.-]{0,95})@(?P<revision>[\w][\w./-]{0,199})",
    re.ASCII,
)
_COMMIT = re.compile(r"[0-9a-f]{40}")


def is_commit_id(text: str) -> bool:
    return bool(_COMMIT.fullmatch(text))


@dataclass(frozen=True)
class HubSource:
    """A repository of a hub, and the commit, tag or branch that is wanted."""

    repository: str
    revision: str

    @property
    def names_commit(self) -> bool:
        """Whether the revision always means the same files; a branch or a tag can move."""
        return is_commit_id(self.revision)

    def __str__(self) -> str:
        return f"{SCHEME}{self.repository}@{self.revision}"


def hub_source(address: str) -> HubSource:
    """Read an address; raises BundleError unless it names owner, name and revision."""
    match = _ADDRESS.fullmatch(address)
    if match is None or ".." in address:
        raise BundleError(
            f"“{address[:120]}” is not an address of released weights",
            advice="Write hf://OWNER/NAME@REVISION. The revision is a commit, a tag or a branch, "
            "such as main; the commit that it means now is written into the bundle.",
        )
    return HubSource(match["repository"], match["revision"])
