"""Names of the columns of stage tables in several languages, with the unit that a name gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from psg.stagefiles.words import folded, stage_word

_BRACKETS = re.compile(r"\[(.*?)\]|\((.*?)\)")
_APART = re.compile(r"[./:\s]+")

_UNIT_WORDS: Mapping[str, str] = {
    "s": "s sec secs second seconds sek sekunde sekunden segundo segundos seconde secondes secondi"
    " seconden insec inseconds",
    "ms": "ms msec msecs millisecond milliseconds millisekunden",
    "us": "us μs usec microsecond microseconds",
    "min": "min mins minute minutes minuten minuto minutos minuti",
    "h": "h hr hrs hour hours std stunde stunden heures horas ore uur",
    "sample": "sample samples points pts frames",
    "epoch": "epoch epochs epoche epochen epoques epocas epoche",
}
_UNITS = {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}
SECONDS_IN: Mapping[str, float] = {"": 1.0, "s": 1, "ms": 0.001, "us": 1e-6, "min": 60, "h": 3600}
# The text in brackets says how a time of day is written, or where its clock stands.
_CLOCK_MARK = re.compile(r"(h+[:.]?m+([:.]?s+)?|utc|gmt|local|clock|24 ?h|am pm)( time)?")
UNKNOWN_UNIT = "?"


def _set(names: str) -> frozenset[str]:
    """Names without blanks, so that ``start_time`` and ``StartTime`` are one."""
    return frozenset(name.strip().replace(" ", "") for name in names.split(","))


# Columns that can hold nothing but stages, and those of any event.
STAGE = _set(
    "stage, stages, sleep stage, sleep stages, hypnogram, hypno, scoring, staging, stadium,"
    " schlafstadium, stadien, stade, stade de sommeil, fase, fase de sueno, etapa, estadio,"
    " estagio, fase do sono, fase de sono, stadio, fase del sonno, slaapstadium, slaapfase"
)
EVENT = _set(
    "label, annotation, annotations, description, event, events, trial type, score, event type,"
    " type, text, class, ereignis, evenement, evento, gebeurtenis"
)
VALUE = _set("value, code, codes")
EPOCH = _set(
    "epoch, epoch index, epoch number, epoch no, epoch nr, epoche, epoch id, epoque, epoca, epoc,"
    " epoch#"
)
# Names that may also count something else: they must rise from row to row.
NUMBER = _set("epochs, n, nr, no, number, #, index")
ONSET = _set(
    "onset, start, start time, begin, begin time, time, clock, clock time, time of day, date time,"
    " timestamp, seconds, second, sec, t, onset time, event start, event onset, stage start,"
    " stage onset, epoch start, epoch onset, start epoch time, epoch time, lab time, real time,"
    " rec time, recording time, wall clock, wall time, elapsed, elapsed time, t start, t0, tstart,"
    " uhrzeit, zeit, zeitpunkt, beginn, anfang, anfangszeit, startzeit, von, datum zeit,"
    " datum uhrzeit, date heure, fecha hora, fecha y hora, data ora, data hora, data e hora,"
    " datum tijd, heure, temps, debut, heure de debut, heure debut, hora, inicio,"
    " hora de inicio, hora inicio, tiempo, tempo, ora, inizio, ora di inizio, tijd,"
    " starttijd, begintijd, begin tijd"
)
# Times that count from the start of the recording, beside a clock.
ELAPSED = _set("elapsed, elapsed time, rec time, recording time, t, seconds, onset")
DURATION = _set("duration, length, dauer, duree, duracion, durata, duracao, duur, lange")
END = _set(
    "end, stop, end time, stop time, finish, ende, endzeit, bis, fin, heure de fin, hora de fin,"
    " fine, ora di fine, fim, eindtijd, event end, stage end, epoch end"
)
SAMPLE = _set("sample, samples, sample index, sample number, begsample")
CHANNEL = _set("channel, channels, ch names, location, kanal, canal, voie, kanaal")
RECORDING = _set(
    "subject, subject id, participant, participant id, patient, patient id, proband, recording,"
    " recording id, record, file, filename, file name, night, session, study, sujet, paciente"
)
SCORER = _set("scorer, rater, annotator, scored by, reader")
_SCORING = re.compile(
    r"(sleep )?stages?( \w+)*|hypno(gram)?( \w+)*|(scorer|rater|expert|ai|human|auto|manual)"
    r"(\d*|( \w+)*)|(y )?(true|pred)|majority|consensus|visual|aasm|r&k"
)
# A word in a name that makes it one of something beside the stage of its row.
_BESIDE = _set(
    "position, pos, body, side, seite, lage, korperlage, posicion, posizione, comment, comments,"
    " kommentar, kommentare, commentaire, comentario, commento, remark, remarks, bemerkung, note,"
    " notes, previous, prev, last, next, prob, probability, probabilities, conf, confidence,"
    " duration, onset, time, error, arousal, artifact, artefact, count"
)
_SHARES = _set("prob, probability, probabilities, proba, conf, confidence")


@dataclass(frozen=True)
class ColumnName:
    """The name of a column without its unit.

    ``unit`` is a key of `SECONDS_IN`, ``sample``, ``epoch``, or `UNKNOWN_UNIT`; empty where the
    name gives none.
    """

    words: tuple[str, ...]
    unit: str = ""

    @property
    def plain(self) -> str:
        return "".join(self.words)

    @property
    def names_stages(self) -> bool:
        """Whether a column of this name holds stages and no other events."""
        is_scoring = bool(_SCORING.fullmatch(" ".join(self.words)))
        return (self.plain in STAGE or is_scoring) and not self.is_beside

    @property
    def is_share(self) -> bool:
        """Whether the name is that of a probability, as a stage at the head of a column is."""
        word = stage_word(self.plain)
        return (word is not None and word.stage is not None) or not _SHARES.isdisjoint(self.words)

    @property
    def is_beside(self) -> bool:
        """Whether the name is that of something beside the stages, such as a position."""
        return not _BESIDE.isdisjoint(self.words)


def column_name(cell: str) -> ColumnName:
    """Read the name of a column.

    >>> column_name("Onset time [ms]")
    ColumnName(words=('onset', 'time'), unit='ms')
    """
    in_brackets = ["".join(groups) for groups in _BRACKETS.findall(cell)]
    words = [word for word in _APART.split(folded(_BRACKETS.sub(" ", cell))) if word]
    unit = _unit(in_brackets[-1]) if in_brackets else ""
    if not unit and len(words) > 1 and words[-1] in _UNITS:
        unit = _UNITS[words.pop()]
    return ColumnName(tuple(words), unit)


def says_unit(cell: str) -> bool:
    """Whether a cell below the name of a column says its unit, or has empty brackets.

    Any other text in brackets may be a stage, as some programs write it: ``[N2]``.
    """
    if match := _BRACKETS.fullmatch(cell):
        return _unit("".join(filter(None, match.groups()))) != UNKNOWN_UNIT
    return folded(cell) in _UNITS


def _unit(text: str) -> str:
    words = folded(text)
    if not words or _CLOCK_MARK.fullmatch(words):
        return ""
    return _UNITS.get(words.replace(" ", ""), UNKNOWN_UNIT)
