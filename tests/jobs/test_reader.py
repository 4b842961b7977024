"""Reading files from outside in a process of its own: what comes back, and what ends it."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from annotations.exchange.files import NamedFile
from annotations.exchange.import_work import preview_files
from annotations.exchange.plan import ImportOptions
from jobs.models import LeaseLostError
from jobs.reader import OverLimitError, Reader, ReaderFailedError
from psg.errors import PsgError, UnknownStageTextError
from studies.models import Study
from tests.helpers.massex_tables import night_csv
from tests.helpers.running_site import wait_for

pytestmark = pytest.mark.usefixtures("forked_reader")

MIB = 2**20


def hang_in_python(_) -> None:
    while True:
        pass


def hang_in_c(_) -> None:
    """Look for a match for years without letting any other thread run."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def hang_in_the_system(_) -> None:
    time.sleep(10_000)


def swell_in_python(_) -> None:
    pieces: list[bytes] = []
    while True:
        pieces.append(bytes(MIB))


def swell_in_numpy(_) -> None:
    np.ones(2000 * MIB, dtype=np.uint8)


def children() -> str:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text()


def test_a_result_and_news_on_the_way_come_back():
    heard = []

    def work(tell) -> dict[str, object]:
        for done in range(3):
            tell("step", done)
        return {"array": np.arange(100_000), "pid": os.getpid()}

    result = Reader().read(work, heard=lambda *news: heard.append(news))
    assert heard == [("step", 0), ("step", 1), ("step", 2)]
    assert result["array"][-1] == 99_999
    assert result["pid"] != os.getpid()


def test_a_refusal_keeps_its_type_and_its_parts():
    def refuse(_) -> None:
        raise UnknownStageTextError("“X” is no stage", where="line 3", advice="Correct it.")

    with pytest.raises(UnknownStageTextError) as refused:
        Reader().read(refuse)
    assert (refused.value.where, refused.value.advice) == ("line 3", "Correct it.")


def test_a_full_disk_is_no_fault_of_the_file():
    def write(_) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as error:
        Reader().read(write)
    assert error.value.errno == 28


def test_a_fault_of_the_reader_is_a_sentence_that_names_it():
    def stumble(_) -> None:
        raise ZeroDivisionError("division by zero")

    with pytest.raises(ReaderFailedError, match=r"ZeroDivisionError: division by zero") as error:
        Reader().read(stumble)
    assert error.value.advice


def test_a_fault_of_the_reader_quotes_nothing_of_the_file(capfd):
    def stumble(_) -> None:
        int("Jane Doe")

    with pytest.raises(ReaderFailedError, match=r"\(ValueError\)"):
        Reader().read(stumble)
    assert "Jane Doe" not in capfd.readouterr().err


@pytest.mark.parametrize("hang", [hang_in_python, hang_in_c, hang_in_the_system])
def test_a_file_that_hangs_is_ended_at_its_limit(hang):
    before = children()
    with pytest.raises(OverLimitError, match=r"took too long.*0\.3 s"):
        Reader(limit_s=0.3).read(hang)
    assert children() == before


@pytest.mark.parametrize("swell", [swell_in_python, swell_in_numpy])
def test_a_file_that_swells_is_refused_its_memory(swell):
    with pytest.raises(OverLimitError, match=r"too much memory.*200 MiB"):
        Reader(limit_bytes=200 * MIB).read(swell)
    assert Reader().read(lambda _: "the next file is read") == "the next file is read"


def test_a_file_that_swells_on_disk_is_refused(tmp_path: Path):
    def write(_) -> None:
        with (tmp_path / "store").open("wb") as file:
            for _ in range(3):
                file.write(bytes(MIB))

    with pytest.raises(OverLimitError, match=r"too large to be stored.*over 2 MiB"):
        Reader(limit_file_bytes=2 * MIB).read(write)
    assert (tmp_path / "store").stat().st_size == 2 * MIB
    Reader(limit_file_bytes=3 * MIB).read(write)


def test_half_a_message_holds_nobody_up(monkeypatch):
    def send_half(theirs: int, _) -> None:
        os.write(theirs, (1000).to_bytes(8, "big") + b"half")
        time.sleep(10_000)

    monkeypatch.setattr("jobs.reader._send", send_half)
    signs = []
    with pytest.raises(OverLimitError, match="took too long"):
        Reader(alive=lambda: signs.append(1), alive_every_s=0.05, limit_s=0.5).read(lambda _: None)
    assert signs


def test_what_a_reader_began_ends_with_it():
    def begin(tell) -> None:
        tell(subprocess.Popen(["sleep", "1000"]).pid)
        time.sleep(10_000)

    began: list[int] = []
    with pytest.raises(OverLimitError):
        Reader(limit_s=1).read(begin, heard=began.append)
    [pid] = began
    wait_for(lambda: not is_running(pid), every_s=0.02)


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie, which somebody else has to bury."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_mapped_files_do_not_count_as_memory(tmp_path: Path):
    path = tmp_path / "large.edf"
    with path.open("wb") as file:
        file.truncate(500 * MIB)

    def look(_) -> int:
        return int(np.memmap(path, dtype="<i2", mode="r")[-1])

    assert Reader(limit_bytes=100 * MIB).read(look) == 0


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "too much memory.*stopped the reader"),
        (lambda: os.kill(os.getpid(), signal.SIGXCPU), "without a message.*signal 24"),
        (lambda: os._exit(3), "without a message.*exit 3"),
    ],
)
def test_a_reader_that_dies_is_a_sentence(end, expected):
    with pytest.raises(PsgError, match=expected):
        Reader().read(lambda _: end())


def test_signs_of_life_go_on_while_nothing_is_heard():
    signs = []
    reader = Reader(alive=lambda: signs.append(1), alive_every_s=0.02)
    reader.read(lambda _: time.sleep(0.5))
    assert len(signs) > 1


def test_a_lost_lease_ends_the_reader():
    def lose() -> None:
        raise LeaseLostError

    before = children()
    with pytest.raises(LeaseLostError):
        Reader(alive=lose, alive_every_s=0.02).read(hang_in_the_system)
    assert children() == before


def test_files_of_an_import_share_their_time():
    reader = Reader(limit_s=0.2)
    for expected in ("took too long", "used up the time"):
        with pytest.raises(OverLimitError, match=expected):
            reader.read(hang_in_the_system)


@pytest.mark.django_db
def test_the_database_is_as_it_was(study: Study):
    Reader().read(lambda _: None)
    with pytest.raises(OverLimitError):
        Reader(limit_s=0.1).read(hang_in_python)
    assert Study.objects.get() == study


def test_a_reader_ends_with_its_worker():
    """Kill a worker while it reads: nobody goes on reading for it."""
    ours, theirs = os.pipe()
    worker = os.fork()
    if worker == 0:
        os.close(ours)
        Reader().read(lambda _: (os.write(theirs, b"reading"), time.sleep(10_000)))
        os._exit(0)
    os.close(theirs)
    assert os.read(ours, 7) == b"reading"
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    # The end of the pipe is reached when the last process that could write into it is gone.
    assert os.read(ours, 1) == b""
    os.close(ours)


@pytest.mark.long
@pytest.mark.django_db
def test_one_table_of_an_import_that_hangs_or_swells_is_refused_by_itself(study: Study):
    good = night_csv("S2", ["W", "N1"]).encode()
    files = [
        NamedFile("S1.csv", lambda: swell_in_python(None)),
        NamedFile("S2.csv", lambda: good),
        NamedFile("S3.csv", lambda: hang_in_python(None)),
        NamedFile("S4.csv", lambda: good),
    ]
    reader = Reader(limit_s=1, limit_bytes=200 * MIB)
    preview = preview_files(study, files, ImportOptions(), None, reader=reader)
    said = {
        file.path: " ".join(problem.what for problem in file.problems) for file in preview.files
    }
    assert "too much memory" in said["S1.csv"]
    assert "no recording or subject S2" in said["S2.csv"]
    assert "took too long" in said["S3.csv"]
    assert "used up the time" in said["S4.csv"]
