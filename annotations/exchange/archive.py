"""The files of a MASS-EX export, written with a single night in memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from annotations.adjudication.reading import provenance_of_consensus
from annotations.downloads import Checksummed, Sink, Spool, Table, spreadsheet_safe, write_csv
from annotations.exchange.massex_tables import (
    ExportRow,
    FileStems,
    coarse_table,
    epochs_table,
    events_table,
    fine_table,
    lights_table,
    night_rows,
    subject_names,
)
from annotations.scoring.models import ScoredEvent, Scoring
from psg.lights import Lights
from studies.models import Track

README = """MASS-EX layout
annotations/fine/     stage, rationale and rules; annotations/coarse/ stage and rules
annotations/epochs.csv  every epoch of the recording's grid: its N (empty where the epoch has
                      no stage and was left out), its index, its onset in seconds from the
                      start of the recording, and the stage as it was written at the source
annotations/lights.csv  lights off and on of every night, in seconds from the start of the
                      recording: the scorer's own mark, else that of the recording
spreadsheet/          the same tables for spreadsheets: cells that would start a formula begin
                      with an apostrophe there. Read annotations/ with programs.
events.csv            events of imported files that are no stages, such as arousals, in seconds
                      from the start of the recording; only where there are any
SHA256SUMS            check with: sha256sum -c SHA256SUMS
"""


def write_export(
    sink: Sink, scorings: Sequence[Scoring], *, on_night: Callable[[int], None] = lambda done: None
) -> None:
    """Write all files of an export; `on_night` is called with the number of nights done."""
    files = Checksummed(sink)
    names = subject_names(scorings)
    with MassexFolder(files) as folder:
        for done, scoring in enumerate(scorings, start=1):
            rows = night_rows(scoring)
            folder.add(
                names[scoring.pk],
                rows,
                track=export_track(scoring, rows),
                own=Lights(scoring.lights_off_s, scoring.lights_on_s),
                recording=scoring.recording.lights,
            )
            on_night(done)
        folder.finish()
    _write_events(files, scorings, names)
    with files.text("README.txt") as file:
        file.write(README)
        for line in _about_consensus(scorings, names):
            file.write(f"{line}\n")
    files.write_checksums()


def _about_consensus(scorings: Sequence[Scoring], names: Mapping[int, str]) -> Iterator[str]:
    """Tell how the epochs of each consensus were settled, and by which rules."""
    made = provenance_of_consensus(scoring.pk for scoring in scorings)
    for pk, provenance in made.items():
        yield f"\nConsensus of {names[pk]}, in epochs: {provenance.words}."
        yield from (f"Rule: {rule}" for rule in provenance.rules)


def _write_events(
    files: Checksummed, scorings: Sequence[Scoring], names: Mapping[int, str]
) -> None:
    events = ScoredEvent.objects.filter(scoring__in=[scoring.pk for scoring in scorings])
    if not events.exists():
        return
    with files.text("events.csv") as file:
        for number, scoring in enumerate(scorings):
            table = events_table(names[scoring.pk], scoring.scored_events.all().iterator(2000))
            write_csv(file, table, header=number == 0)


def export_track(scoring: Scoring, rows: Sequence[ExportRow]) -> Track:
    """Return the track of an export: a fine scoring without any rationale is coarse."""
    has_words = any(row.rationale for row in rows)
    return Track.FINE if scoring.track == Track.FINE and has_words else Track.COARSE


@dataclass(frozen=True)
class Form:
    """A form of the tables: a folder, an encoding, and a change of the cells."""

    folder: str
    encoding: str
    change: Callable[[Table], Table]

    def write(self, files: Checksummed, name: str, table: Table) -> None:
        with files.text(f"{self.folder}/{name}", encoding=self.encoding) as file:
            write_csv(file, self.change(table))


PLAIN_FORM = Form("annotations", "utf-8", lambda table: table)
# Spreadsheets read a csv as Latin-1 unless it begins with a byte order mark.
FORMS = (
    PLAIN_FORM,
    Form("spreadsheet", "utf-8-sig", spreadsheet_safe),
)


class MassexFolder:
    """The tables of nights in MASS-EX layout, below a folder, in each of the forms."""

    def __init__(
        self, files: Checksummed, *, below: str = "", forms: Sequence[Form] = FORMS
    ) -> None:
        self._files = files
        self._forms = [replace(form, folder=f"{below}{form.folder}") for form in forms]
        self._stems = FileStems()
        self._sidecars = {
            name: [Spool() for _ in self._forms] for name in ("epochs.csv", "lights.csv")
        }

    def __enter__(self) -> "MassexFolder":
        return self

    def __exit__(self, *_: object) -> None:
        for spools in self._sidecars.values():
            for spool in spools:
                spool.close()

    def add(
        self,
        subject: str,
        rows: Sequence[ExportRow],
        *,
        track: Track,
        own: Lights,
        recording: Lights,
    ) -> None:
        """Write the table of a night, and add its lines to the sidecars."""
        table = fine_table(subject, rows) if track == Track.FINE else coarse_table(subject, rows)
        name = f"{track}/{self._stems.of(subject)}.csv"
        for form in self._forms:
            form.write(self._files, name, table)
        self._add_to("epochs.csv", epochs_table(subject, rows))
        self._add_to("lights.csv", lights_table(subject, own=own, recording=recording))

    def finish(self) -> None:
        """Write the sidecars. They were spooled: an archive takes a single file at a time."""
        for name, spools in self._sidecars.items():
            for form, spool in zip(self._forms, spools, strict=True):
                spool.copy_into(self._files, f"{form.folder}/{name}", encoding=form.encoding)

    def _add_to(self, name: str, table: Table) -> None:
        for form, spool in zip(self._forms, self._sidecars[name], strict=True):
            write_csv(spool.file, form.change(table), header=spool.is_empty)
