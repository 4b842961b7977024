"""What every format of a release is: nights go in one by one, files come out."""

from typing import Any

from annotations.downloads import Checksummed
from annotations.releases.nights import ReleaseNight

Manifest = dict[str, Any]


class Format:
    """Writes whole files only, for the sink takes one at a time; what spans nights is spooled."""

    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        self.files = files
        self.manifest = manifest

    def add(self, night: ReleaseNight) -> None:
        """Write the files of one night, or put it into a spool."""
        raise NotImplementedError

    def finish(self) -> None:
        """Write the files that span nights."""

    def close(self) -> None:
        """Let go of what was spooled."""

    def __enter__(self) -> "Format":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
