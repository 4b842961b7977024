"""The interface of the formats of a release: nights are added singly, files are written."""

from annotations.downloads import Checksummed
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight


class Format:
    """Writes whole files only: the sink takes a single file at a time.

    What belongs to several nights is spooled until `finish`.
    """

    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        self.files = files
        self.manifest = manifest

    def add(self, night: ReleaseNight) -> None:
        """Write the files of a night, or put it into a spool."""
        raise NotImplementedError

    def finish(self) -> None:
        """Write the files that span nights."""

    def close(self) -> None:
        """Delete the spools."""

    def __enter__(self) -> "Format":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
