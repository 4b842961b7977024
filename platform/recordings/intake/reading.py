"""What pages, API and commands show of queues, as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from jobs.workers import INGEST_QUEUE, live_workers
from psg.ingest.decisions import ChannelSource
from psg.stagefiles.facts import LASTS_NEXT
from psg.stagefiles.pieces import RK_EPOCH_S
from psg.typed_json import JsonObject
from recordings.incoming import name_of_night
from recordings.intake.matching import guessed_patterns
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue, IntakeRule
from recordings.intake.receiving import received_bytes
from recordings.models import Recording
from studies.access import get_or_404
from studies.models import Study

PAGE = 50
_MOST_QUEUES = 100
_BUSY_FILES = (IntakeFile.State.WAITING, IntakeFile.State.READING)
_BUSY_NIGHTS = (IntakeNight.State.WAITING, IntakeNight.State.EXAMINING)


def queues_json(study: Study) -> list[JsonObject]:
    """List the queues of a study, the newest first."""
    listed = study.intake_queues.select_related("made_by").order_by("-created_at", "-pk")
    queues = list(listed[:_MOST_QUEUES])
    nights, files = _rows_by_queue(IntakeNight, queues), _rows_by_queue(IntakeFile, queues)
    return [
        {
            "id": queue.pk,
            "state": queue.state,
            "created_at": queue.created_at.isoformat(),
            "made_by": str(queue.made_by) if queue.made_by else "",
            "night_count": nights.get(queue.pk, 0),
            "file_count": files.get(queue.pk, 0),
        }
        for queue in queues
    ]


def _rows_by_queue(
    model: type[IntakeNight] | type[IntakeFile], queues: Sequence[IntakeQueue]
) -> dict[int, int]:
    rows = model._default_manager.filter(queue__in=queues).order_by("queue")
    return dict(rows.values_list("queue").annotate(Count("pk")))


def queue_json(queue: IntakeQueue, *, page: int = 1) -> JsonObject:
    """Describe a queue with a page of its nights, and the files that belong to no night."""
    busy = is_busy(queue)  # first: what is done meanwhile is asked for once more
    nights = nights_of(queue)
    pages = max(1, ceil(nights.count() / PAGE))
    page = min(max(page, 1), pages)
    shown = list(nights[(page - 1) * PAGE : page * PAGE])
    sets = _label_sets(queue)
    files = queue.files.filter(night=None, night_of=None)
    return {
        "id": queue.pk,
        "state": queue.state,
        "pattern": queue.pattern,
        "stages_pattern": queue.stages_pattern,
        "guessed": guessed_patterns(queue),
        "counts": _counts(queue),
        "page": page,
        "pages": pages,
        "nights": [_night_json(night, sets) for night in shown],
        "files": [file_json(file) for file in files.select_related("queue__study")],
        "no_worker": not live_workers(INGEST_QUEUE),
        "is_busy": busy,
    }


def nights_of(queue: IntakeQueue) -> Any:
    """Return the nights of a queue in the order in which they are shown."""
    return (
        queue.nights.select_related("file", "recording__ingest", "queue__study")
        .prefetch_related("files__queue__study")
        .order_by("subject", "number", "file__name", "pk")
    )


def is_busy(queue: IntakeQueue) -> bool:
    """Whether a worker has something to do for the queue."""
    return (
        queue.files.filter(state__in=_BUSY_FILES).exists()
        or queue.nights.filter(
            Q(state__in=_BUSY_NIGHTS) | Q(recording__state=Recording.State.INGESTING)
        ).exists()
    )


def _counts(queue: IntakeQueue) -> JsonObject:
    nights = queue.nights.values_list("state", "recording__state")
    states = Counter(state for state, _ in nights)
    recordings = Counter(recording for _, recording in nights)
    importing = recordings[Recording.State.INGESTING]
    failed = recordings[Recording.State.FAILED]
    files = Counter(queue.files.values_list("state", flat=True))
    return {
        "nights": states.total(),
        "ready": states["ready"],
        "questions": states["questions"],
        "refused": states["refused"],
        "waiting": states["waiting"] + states["examining"],
        "importing": importing,
        "failed": failed,
        "imported": states["imported"] - importing - failed,
        "files": files.total(),
        "receiving": files["receiving"],
    }


def _label_sets(queue: IntakeQueue) -> Counter[str]:
    return Counter(filter(None, queue.nights.values_list("facts__label_set", flat=True)))


def night_json(night: IntakeNight) -> JsonObject:
    shown = get_or_404(nights_of(night.queue), pk=night.pk)
    return _night_json(shown, _label_sets(night.queue))


def _night_json(night: IntakeNight, sets: Mapping[str, int]) -> JsonObject:
    files = night.stage_files
    label_set = night.facts.get("label_set", "")
    state, label, error = shown_state(night)
    return {
        "id": night.pk,
        "state": state,
        "state_label": label,
        "error": error,
        "progress": _progress(night),
        "subject": night.subject,
        "number": night.number,
        "name": night.name,
        "shown_name": shown_name(night),
        "is_edited": night.is_edited,
        "file": night.file
        and {"id": night.file.pk, "name": night.file.name, "size_bytes": night.file.size_bytes},
        "facts": {key: value for key, value in night.facts.items() if key != "label_set"},
        "label_set": label_set,
        "same_labels": sets.get(label_set, 0),
        "decisions": night.decisions,
        "doubts": _sorted(night.doubts),
        "stage_files": [file_json(file) for file in files],
        "open_count": open_count([night.doubts, *(file.doubts for file in files)]),
        "recording": night.recording_id,
        "recording_url": night.recording_id
        and reverse("recordings:recording", args=[night.recording_id]),
    }


def shown_state(night: IntakeNight) -> tuple[str, str, str]:
    """Return state, label and error of a night; after its import, those of the recording."""
    if night.state != IntakeNight.State.IMPORTED:
        return night.state, night.get_state_display(), night.error
    if night.recording is None:
        return "removed", "Removed", "The recording was removed from the study."
    if night.recording.state == Recording.State.INGESTING:
        return "importing", "Importing", ""
    if night.recording.state == Recording.State.FAILED:
        return "failed", "Import failed", night.recording.ingest.error
    return night.state, night.get_state_display(), ""


def shown_name(night: IntakeNight) -> str:
    """Return the name that the recording has or gets; "" where the next free one is used."""
    if night.recording is not None:
        return night.recording.name
    if night.name or not night.subject:
        return night.name
    return night.subject if night.number is None else name_of_night(night.subject, night.number)


def _progress(night: IntakeNight) -> JsonObject | None:
    if night.recording is None or night.recording.state != Recording.State.INGESTING:
        return None
    ingest = night.recording.ingest
    return {"done": ingest.done, "total": ingest.total, "step": ingest.progress_label}


def file_json(file: IntakeFile) -> JsonObject:
    slug, arguments = file.queue.study.slug, [file.queue_id, file.path]
    is_receiving = file.state == IntakeFile.State.RECEIVING
    return {
        "id": file.pk,
        "name": file.name,
        "kind": file.kind,
        "kind_label": file.get_kind_display(),
        "state": file.state,
        "state_label": file.get_state_display(),
        "error": file.error,
        "size_bytes": file.size_bytes,
        "received_bytes": received_bytes(file),
        "upload_url": reverse("recordings:api-intake-upload", args=[slug, *arguments])
        if is_receiving
        else "",
        "night": file.night_id,
        "scorer": file.scorer,
        "options": file.options,
        "facts": file.facts,
        "doubts": _sorted(file.doubts),
    }


def _sorted(doubts: Sequence[JsonObject]) -> list[JsonObject]:
    return sorted(doubts, key=is_settled)


def is_settled(doubt: Mapping[str, Any]) -> bool:
    return bool(doubt["assumed"] or doubt.get("answered"))


def open_count(lists: Sequence[Sequence[Mapping[str, Any]]]) -> int:
    return sum(not is_settled(doubt) for doubts in lists for doubt in doubts)


# Rules of a study.


def rule_json(rule: IntakeRule) -> JsonObject:
    return {
        "id": rule.pk,
        "kind": rule.kind,
        "kind_label": rule.get_kind_display(),
        "about": rule.about,
        "value": rule.value,
        "set_by": str(rule.set_by) if rule.set_by else "",
        "set_at": rule.set_at.isoformat(),
        "words": rule_words(rule),
    }


def rule_words(rule: IntakeRule) -> str:
    """Describe a rule in a line."""
    about = ", ".join(map(str, rule.about))
    words = f"{rule.get_kind_display()}: {value_words(rule.value)}"
    return words + (f" (for {about})" if about else "")


def value_words(value: object) -> str:
    """Describe what was decided, such as "channels: C4-M1 = EEG 1 - EEG 2"."""
    if not isinstance(value, dict):
        return str(value)
    parts = [(key, part) for key, part in value.items() if part not in (None, "", [], {})]
    return "; ".join(_part_words(key, part) for key, part in parts)


def _part_words(key: str, part: Any) -> str:
    match key:
        case "channels":
            pairs = (f"{name} = {_source_words(source)}" for name, source in part.items())
            return f"channels: {', '.join(pairs)}"
        case "units":
            return f"units: {', '.join(f'{label} = {unit}' for label, unit in part.items())}"
        case "mains_hz":
            return f"mains frequency: {part:g} Hz"
        case "pattern":
            return f"recordings {part}"
        case "stages_pattern":
            return f"stage files {part}"
        case "codes":
            return f"integer codes: {part}"
        case "epoch_s":
            return "20-s epochs converted to 30 s" if part == RK_EPOCH_S else f"{part:g}-s epochs"
        case "lasts":
            return f"stages last {'until the next one' if part == LASTS_NEXT else 'one epoch'}"
        case "unscored":
            return _texts_words(len(part), "no stage")
        case "meanings":
            counts = Counter(text.rpartition("=")[2] for text in part)
            return "; ".join(_texts_words(number, stage) for stage, number in counts.items())
    return f"{key.replace('_', ' ')}: {part}"


def _source_words(source: Any) -> str:
    match source:
        case {"positive": str(positive), **others}:
            return str(ChannelSource(positive, str(others.get("negative") or "")))
    return "none" if source is None else str(source)


def _texts_words(count: int, meaning: str) -> str:
    """Describe declared texts, of which only digests are stored."""
    words = f"1 text means {meaning}" if count == 1 else f"{count} texts mean {meaning}"
    return f"{words} (texts are not stored)"
