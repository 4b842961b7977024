"""The list of files of a zip is bounded before it is read, also where it is told in 64 bits."""

import io
import struct
import zipfile

import pytest

from psg.errors import StageFileError
from psg.zips import ZipBounds, files_in, open_zip

BOUNDS = ZipBounds(StageFileError, most_files=3, most_list_bytes=1000, advice="Pack fewer.")


def wide(names: list[str], *, count: int | None = None, list_bytes: int | None = None, at=0):
    """Make a zip whose end is told in 64 bits, as those over 4 GiB have it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"W\n")
    data = file.getvalue()
    place = data.rfind(b"PK\5\6")
    size, offset = struct.unpack_from("<LL", data, place + 12)
    n = len(names) if count is None else count
    size = size if list_bytes is None else list_bytes
    end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, n, n, size, offset)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, place + at, 1)
    return io.BytesIO(data[:place] + end + locator + data[place:])


def test_an_end_in_64_bits_is_read():
    archive = open_zip(wide(["a", "b"]), BOUNDS)
    assert [entry.filename for entry in files_in(archive, BOUNDS)] == ["a", "b"]


@pytest.mark.parametrize(
    "file", [wide(["a"], count=2**40), wide(["a"], list_bytes=2**40), wide(list("abcd"))]
)
def test_a_list_that_is_too_long_is_not_read(file):
    with pytest.raises(StageFileError, match="too many files"):
        open_zip(file, BOUNDS)


def test_an_end_that_is_told_elsewhere_is_refused():
    with pytest.raises(StageFileError, match="damaged"):
        open_zip(wide(["a"], at=-30), BOUNDS)


def test_more_files_than_the_end_tells_are_refused():
    with pytest.raises(StageFileError, match="too many files"):
        files_in(open_zip(wide(list("abcd"), count=1), BOUNDS), BOUNDS)
