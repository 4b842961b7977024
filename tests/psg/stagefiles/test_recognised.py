"""Every format knows its own files, and no file of another program.

Each file under ``samples/<format>/`` holds the same ten minutes in the form of a program; where a
program writes a clock, they begin at 22:00.
"""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from psg.epochs import EpochGrid
from psg.errors import StageFileError
from psg.stagefiles import NightTimes, place_file
from psg.stagefiles.facts import StageOptions, StageTable
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats import ALL
from psg.stagefiles.read import read_stage_file

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(path for path in SAMPLES.rglob("*.*") if path.is_file())
STAGES = ["W", "W", "N1", *["N2"] * 3, *["N3"] * 3, "N2", *["R"] * 3, "W", "N1", "N2", "N2", "N3"]
STAGES += ["N2", "W"]
TEN_O_CLOCK_S = 22 * 3600.0


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _formats_that_know(path: Path) -> list[str]:
    content = Content(path, path.name)
    return [form.id for form in ALL if not form.is_general and form.recognises(content)]


def _epochs(table: StageTable) -> list[str]:
    """Stages of the table, 30 s each, from the time of its first entry."""
    return [
        str(entry.stage or "?")
        for entry in table.entries
        for _ in range(round(entry.duration_s / 30))
    ]


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_one_format_alone_knows_a_file(path: Path) -> None:
    is_general = {form.id: form.is_general for form in ALL}[path.parent.name]

    assert _formats_that_know(path) == ([] if is_general else [path.parent.name])


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_the_stages_of_a_program_are_read_at_their_times(path: Path) -> None:
    file = read_stage_file(path)

    assert file.format == path.parent.name
    assert not [doubt.code for doubt in file.doubts if doubt.is_open]
    [table] = file.tables
    entries = [entry for entry in table.entries if entry.stage is not None]
    assert [stage for stage in _epochs(table) if stage != "?"] == STAGES
    if table.clock_s is None:
        assert entries[0].onset_s == 0
    else:
        assert table.clock_s + entries[0].onset_s == TEN_O_CLOCK_S
    assert all(after.onset_s == entry.end_s for entry, after in pairwise(entries))


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_the_stages_of_a_program_lie_on_their_epochs(path: Path) -> None:
    night = NightTimes(EpochGrid(0, 20), 600, TEN_O_CLOCK_S)

    done = place_file(read_stage_file(path), night, StageOptions())

    assert [str(stage) for stage in done.placed[0].stages] == STAGES
    assert not [doubt.code for doubt in done.doubts if doubt.is_open]


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_the_encoding_changes_nothing(tmp_path: Path, encoding: str) -> None:
    for path in FILES:
        again = tmp_path / path.name
        text = _text(path).replace("\r\n", "\n").replace("\n", "\r\n")
        again.write_bytes(text.encode(encoding, errors="replace"))

        file = read_stage_file(again)

        assert file.format == path.parent.name, path
        assert [stage for stage in _epochs(file.tables[0]) if stage != "?"] == STAGES, path


# Programs that give each epoch or stretch a time, on a line of its own.
TIMED = {
    *("alice_text", "domino", "luna_annot", "noxturnal", "polyman_text", "remlogic"),
    *("sandman_text", "stages_csv", "usleep_ids"),
}
# A line that lasts until the next takes the time of a lost one.
TIMED_FILES = [
    path for path in FILES if path.parent.name in TIMED and path.name != "until_next.annot"
]


@pytest.mark.parametrize("path", TIMED_FILES, ids=_name)
def test_a_lost_line_moves_no_other_stage(tmp_path: Path, path: Path) -> None:
    again = tmp_path / path.name
    lines = _text(path).splitlines(keepends=True)
    for lost in range(len(lines) - 8, len(lines), 2):
        again.write_bytes("".join(lines[:lost] + lines[lost + 1 :]).encode("utf-16"))

        [table] = read_stage_file(again).tables

        zero_s = 0.0 if table.clock_s is None else table.clock_s - TEN_O_CLOCK_S
        for entry in table.entries:
            first = round((zero_s + entry.onset_s) / 30)
            count = round(entry.duration_s / 30)
            if entry.stage is not None:
                assert STAGES[first : first + count] == [entry.stage] * count


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """Change bytes, lose the end, or lose, double or shuffle lines."""
    lines = data.split(b"\n")
    at = chance.randrange(len(data))
    line = chance.randrange(len(lines))
    return chance.choice(
        [
            data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :],
            data[:at] + chance.choice([b'"', b",", b"<", b"0", b"\t"]) + data[at:],
            data[:at],
            b"\n".join(lines[:line] + lines[line + 1 :]),
            b"\n".join([*lines[:line], lines[line], *lines[line:]]),
            b"\n".join(chance.sample(lines, len(lines))),
        ]
    )


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, path: Path) -> None:
    chance = random.Random(path.name)
    damaged = tmp_path / path.name
    for _ in range(10):
        damaged.write_bytes(_damaged(path.read_bytes(), chance))
        # The words for a fault that no format expected.
        assert _refusal(damaged) != "The stage file cannot be read"


def _refusal(path: Path) -> str:
    try:
        read_stage_file(path)
    except StageFileError as error:
        return error.what
    return ""


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.id)
def test_a_format_says_what_it_reads_and_where_it_is_described(form: StageFormat) -> None:
    assert form.title
    assert form.reads.endswith(".")
    assert form.refuses.endswith(".")
    assert form.is_general or form.description.startswith("https://")


@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 5000, b"W\n" * 3, b"<", b"[", b"\xff\xfe", b"\x89HDF\r\n\x1a\n", b"a,b\n" * 9],
)
def test_foreign_files_are_asked_about_without_an_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "foreign.bin"
    path.write_bytes(data)

    assert _formats_that_know(path) == []


def test_a_line_without_end_is_not_matched(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    for line in ("\t" * 40_000, "1\t" + " " * 40_000, "0," * 20_000, "W" + " " * 40_000 + "x"):
        path.write_text(f"{line}\n")
        assert _formats_that_know(path) == []
