"""Files that others look for: there as a whole or not at all, after a power cut too."""

import os
from pathlib import Path


def put_in_place(half: Path, path: Path) -> None:
    """Give a finished file its name once its bytes are on disk: a name may get there before them,
    and a night full of zeros would be read as one without sleep."""
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.replace(path)
