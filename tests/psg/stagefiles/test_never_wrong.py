"""Whatever a stage file holds: each stage that comes out was in the file at that time, and all do.

Files are generated as programs write them, with rows missing, in any order, language, encoding and
way to count. They are read right and whole, or refused, or asked about.
"""

import gzip
import json
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from pathlib import Path

import edfio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psg.doubts import refuse_open
from psg.epochs import EpochGrid
from psg.errors import PsgError
from psg.stagefiles import NightTimes, StageOptions, place_file, read_stage_file
from psg.stages import Stage

W, N1, N2, N3, R = Stage
WORDS = {
    W: ["W", "Wake", "Wach", "Éveil", "Vigilia", "Sleep stage W"],
    N1: ["N1", "S1", "NREM1", "Stadium 1", "Sleep stage 1"],
    N2: ["N2", "S2", "NREM 2", "Stade 2", "Sleep stage N2"],
    N3: ["N3", "S4", "N3", "Fase 3", "Sleep stage 4"],
    R: ["R", "REM", "Rapide", "Paradoxal", "Sleep stage R"],
    None: ["?", "MT", "Movement", "Artefakt", "Zzz", "n/a"],
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"]
KINDS = ["lines", "numbered", "seconds", "times", "edf", "changes", "columns", "runs", "elapsed"]
KINDS += ["rows of R", "units below", "two clocks", "bare codes", "shares", "json rows", "scorers"]
KINDS += ["numbered changes", "title", "brackets", "remarks", "sparse", "joined marks"]
# Names of a column of times, known and unknown, with the length of their unit in seconds.
TIMES = {"onset": 1, "Von": 1, "start_min": 60, "Time [ms]": 0.001, "x": 1, "Position": 1, "Uhr": 1}
LENGTHS = {"duration": 1, "Dauer (min)": 60, "length_s": 1, "epochs": 30, "y": 1}
ABOVE = ["Patient,Erika Beispiel", "Start,22:05:00", "# epoch 20 s", "# 23:00:00", "Bericht"]
# Text below the rows, and how a file is packed.
BELOW = ["", "Exported by Viewer 3.2", "END", "Summe;20", "\x1a", "\0\0"]
CODES = {W: 0, N1: 1, N2: 2, N3: 3, R: 4, None: -1}
# How a stage is dressed in a column without times.
DRESSED = ["{}", "[{}]", "({})", "\"['{}']\""]
# Texts that no list knows, for the stage that a person may declare.
UNKNOWN = ["Wx", "Traum", "SP", "Frau Zett", "Stage Q", "fine", "END"]
EVENTS = ["Arousal", "Lights off", "Schnarchen", "Frau Zett hustet"]


@dataclass(frozen=True)
class Case:
    """A recording, and what a scorer gave to its epochs."""

    kind: str
    encoding: str
    truth: list[Stage | None]
    words: list[str]
    kept: list[int]
    epochs: int
    recording_s: int
    file_s: int
    epoch_s: int
    first: int
    event: str
    time: str
    length: str
    above: list[str]
    beside: str
    below: str
    is_packed: bool
    lasts: str
    dressed: str
    unknown: str
    is_declared: bool

    @property
    def options(self) -> StageOptions:
        codes = "yasa" if self.kind == "bare codes" else ""
        epoch_s = 20 if self.epoch_s == 20 else None
        meanings = (f"{self.unknown}=R",) if self.is_declared else ()
        return StageOptions(epoch_s=epoch_s, codes=codes, lasts=self.lasts, meanings=meanings)

    @property
    def shift_s(self) -> float:
        """Where the file begins in the recording: known by two clocks, else at its start."""
        if self.is_late:
            return 300.0
        if self.kind not in {"times", "edf", "two clocks"}:
            return 0.0
        day_s = 86_400
        return (self.file_s - self.recording_s + day_s // 2) % day_s - day_s // 2

    @property
    def is_late(self) -> bool:
        """Whether a column of times says that the first stage is 5 min after the start."""
        return self.kind == "columns"

    def at(self, second: float) -> Stage | None:
        """Return what the scorer gave at a second of the recording."""
        index = int((second - self.shift_s) // self.epoch_s)
        return self.truth[index] if 0 <= index < len(self.truth) else None

    def written_at(self, epoch: int) -> Stage | None:
        """Return the stage that rows of the file give to all of an epoch of 30 s."""
        seconds = [30 * epoch + second for second in range(0, 30, 5)]
        rows = {int((second - self.shift_s) // self.epoch_s) for second in seconds}
        found = {self.at(second) for second in seconds}
        is_whole = len(found) == 1 and rows <= self.written
        return found.pop() if is_whole else None

    @property
    def written(self) -> set[int]:
        """Rows of which the file says how long they last; of the last change it does not."""
        if "changes" not in self.kind:
            return set(self.kept)
        last = max(n for n in self.kept if n == 0 or self.truth[n] != self.truth[n - 1])
        return {n for n in self.kept if n <= last}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(KINDS))
    count = draw(st.integers(1, 40))
    truth = draw(st.lists(st.sampled_from([W, N1, N2, N2, N3, R]), min_size=count, max_size=count))
    for index in draw(st.sets(st.integers(0, count - 1), max_size=2)):
        truth[index] = None
    words = [draw(st.sampled_from(WORDS[stage])) for stage in truth]
    unknown = draw(st.sampled_from(UNKNOWN))
    if kind == "remarks":
        words = [unknown if stage is R else word for stage, word in zip(truth, words, strict=True)]
    everyone = list(range(count))
    kept = everyone
    if kind == "sparse":
        kept = everyone[:: draw(st.integers(1, 4))]
    if kind in {"numbered", "seconds", "times", "edf"} and draw(st.booleans()):
        kept = draw(st.lists(st.sampled_from(everyone), unique=True, min_size=1))
    epochs = draw(st.integers(1, 45))
    if kind == "numbered" and epochs < count and 0 not in kept:
        # Without its first epoch a file that is too long for the recording may count from 1.
        kept = [0, *kept]
    if kind in {"elapsed", "two clocks"}:
        epochs = max(epochs, count)
    start_s = draw(st.sampled_from([22 * 3600, 23 * 3600 + 3540, 60, 8 * 3600]))
    return Case(
        kind=kind,
        encoding=draw(st.sampled_from(ENCODINGS)),
        truth=truth,
        words=words,
        kept=kept,
        epochs=epochs,
        recording_s=start_s,
        file_s=(start_s + draw(st.sampled_from([0, 300, -300, 30, 3600, 12 * 3600]))) % 86_400,
        epoch_s=draw(st.sampled_from([30, 30, 20])),
        first=draw(st.sampled_from([0, 1])),
        event=draw(st.sampled_from(["", *EVENTS])),
        time=draw(st.sampled_from(list(TIMES))),
        length=draw(st.sampled_from(list(LENGTHS))),
        above=draw(st.lists(st.sampled_from(ABOVE), max_size=2)),
        beside=draw(st.sampled_from(["", "position", "previous_stage", "comment", "Seite"])),
        # Below the rows a declared word would be one more stage.
        below=draw(st.sampled_from([line for line in BELOW if line != unknown])),
        is_packed=draw(st.booleans()),
        # Who says that stages last until the next one has a list of changes.
        lasts="next" if kind == "numbered changes" else "",
        dressed=draw(st.sampled_from(DRESSED)),
        unknown=unknown,
        is_declared=kind == "remarks" and draw(st.booleans()),
    )


def clock(second: float) -> str:
    return (datetime(2020, 1, 1) + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")


def rows_of(case: Case) -> list[str]:
    if case.kind == "lines":
        return case.words
    if case.kind == "numbered":
        return ["epoch,stage", *(f"{case.first + n},{case.words[n]}" for n in case.kept)]
    if case.kind == "columns":
        return columns_of(case)
    if case.kind == "runs":
        return runs_of(case)
    if case.kind in ROWS:
        return ROWS[case.kind](case)
    if case.kind == "elapsed":
        times = [clock(case.epoch_s * n).split()[1] for n in range(len(case.words))]
        return ["time,stage", *map(",".join, zip(times, case.words, strict=True))]
    if case.kind == "changes":
        points = [n for n in case.kept if n == 0 or case.truth[n] != case.truth[n - 1]]
        return ["onset,stage", *(f"{case.epoch_s * n},{case.words[n]}" for n in points)]
    start_s = case.file_s if case.kind == "times" else 0
    listed = ["onset,duration,stage"]
    for n in case.kept:
        at_s = start_s + case.epoch_s * n
        onset = clock(at_s) if case.kind == "times" else f"{at_s}"
        listed.append(f"{onset},{case.epoch_s},{case.words[n]}")
        if case.event and n % 7 == 0:
            listed.append(f"{onset},3,{case.event}")
    return listed


def numbered(case: Case, names: str, row: str) -> list[str]:
    """A row for each epoch; `row` has its number, time, stage, code and number of row."""
    rows = (
        row.format(n=n, s=case.epoch_s * n, w=case.words[n], c=CODES[case.truth[n]], r=n + 1)
        for n in range(len(case.words))
    )
    return [*([names] if names else []), *rows]


def two_clocks_of(case: Case) -> list[str]:
    """An elapsed time before the time of day."""
    rows = []
    for n, word in enumerate(case.words):
        since = clock(case.epoch_s * n).split()[1]
        rows.append(f"{since},{clock(case.file_s + case.epoch_s * n)},{word}")
    return ["Elapsed,Clock,stage", *rows]


def changes_of(case: Case) -> list[str]:
    """Numbers of epochs where the stage changes."""
    points = [n for n in range(len(case.truth)) if n == 0 or case.truth[n] != case.truth[n - 1]]
    return ["epoch,stage", *(f"{case.first + n},{case.words[n]}" for n in points)]


def sparse_of(case: Case) -> list[str]:
    """Numbers of epochs with marks between, of which some have no stage."""
    listed = ["epoch,stage"]
    for n in case.kept:
        listed += [f"{case.first + n},{case.words[n]}"]
        listed += [f"{case.first + n},{case.event}"] if case.event else []
    return listed


ROWS = {
    "brackets": lambda case: [
        "stage;comment",
        *(f"{case.dressed.format(word)};{case.beside}" for word in case.words),
    ],
    "remarks": lambda case: ["stage,comment", *(f"{word}," for word in case.words)],
    "joined marks": lambda case: ["stage,duration", *(f"{w},{case.epoch_s}" for w in case.words)],
    "sparse": sparse_of,
    "rows of R": lambda case: numbered(case, '"onset","stage"', '"{r}",{s},"{w}"'),
    "units below": lambda case: [
        "onset,stage",
        "s,",
        *numbered(case, "", "{s},{w}"),
    ],
    "two clocks": two_clocks_of,
    "bare codes": lambda case: numbered(case, "", "{s},{c}"),
    "shares": lambda case: numbered(
        case, "epoch,W,N1,N2,N3,R,stage", "{n},0.{n},0.1,0.{r},0.2,0,{w}"
    ),
    "json rows": lambda case: [json.dumps([[n, word] for n, word in enumerate(case.words)])],
    "scorers": lambda case: numbered(case, "epoch,Anna,Bert", "{n},{w},{w}"),
    "numbered changes": changes_of,
    "title": lambda case: ["Stage", *case.words],
}


def columns_of(case: Case) -> list[str]:
    """A column of times with some name, one beside the stages, and lines above."""
    listed = [*case.above, f"{case.time},stage" + (f",{case.beside}" if case.beside else "")]
    for n in case.kept:
        at_s = 300 + case.epoch_s * n
        onset = f"{at_s / TIMES[case.time]:.9g}"
        if case.time == "Uhr":
            onset = clock(case.recording_s + at_s)
        listed.append(f"{onset},{case.words[n]}" + (",R" if case.beside else ""))
    return listed


def runs_of(case: Case) -> list[str]:
    """Stages with their lengths, and no times."""
    listed = [f"stage,{case.length}"]
    for _, epochs in groupby(range(len(case.truth)), key=lambda n: case.truth[n]):
        run = list(epochs)
        length = case.epoch_s * len(run) / LENGTHS[case.length]
        listed.append(f"{case.words[run[0]]},{length:g}")
    return listed


def write(case: Case, folder: Path) -> Path:
    if case.kind == "edf":
        hours, rest = divmod(case.file_s, 3600)
        annotations = [
            edfio.EdfAnnotation(case.epoch_s * n, case.epoch_s, case.words[n]) for n in case.kept
        ]
        path = folder / "stages.edf"
        start = time(hours, rest // 60, rest % 60)
        edfio.Edf([], starttime=start, annotations=annotations).write(path)
        return path
    lists = {"lines": "stages.txt", "title": "stages.txt", "json rows": "stages.json"}
    path = folder / lists.get(case.kind, "stages.csv")
    data = "\r\n".join([*rows_of(case), case.below]).encode(case.encoding)
    path.write_bytes(gzip.compress(data) if case.is_packed else data)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=cases())
def test_each_stage_that_comes_out_was_in_the_file_at_that_time(case: Case, folder: Path):
    night = NightTimes(EpochGrid(0, case.epochs), 30 * case.epochs, case.recording_s)
    path = write(case, folder)
    try:
        file = read_stage_file(path, case.options)
        placed_file = place_file(file, night, case.options)
        refuse_open(placed_file.doubts)
    except PsgError:
        return
    is_assumed = any("; each lasts" in note for note in placed_file.notes)
    for placed in placed_file.placed:
        for epoch, stage in enumerate(placed.stages):
            if stage is not None:
                times = [30 * epoch + second for second in range(0, 30, 5)]
                assert stage in [case.at(at_s) for at_s in times], (case, epoch, placed)
            elif not is_assumed:
                assert case.written_at(epoch) is None, (case, epoch, placed)
