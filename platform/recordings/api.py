"""The API of recordings: state, layout, epochs as bytes, spectrogram, and uploads."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.kinds import send_after_commit
from psg.display import envelope, raw_derivations
from psg.errors import RefusedError, SignalStoreError
from psg.filters import MAINS_HZ
from psg.ingest.decisions import NightDecisions
from psg.signalstore import SignalStore, StoreHeader
from psg.stagefiles import CODE_MAPS
from recordings.incoming import IncomingFile, receive_recording
from recordings.models import Ingest, Recording
from recordings.overlaps import overlap_notes
from recordings.uploads import UploadView
from studies.access import get_or_404, signed_in
from studies.models import Role
from studies.parsers import FiniteField


def recording_json(recording: Recording) -> dict[str, object]:
    """Describe a recording and the progress of its ingest."""
    ingest: Ingest | None = getattr(recording, "ingest", None)
    return {
        "id": recording.pk,
        "name": recording.name,
        "night": recording.night,
        "state": recording.state,
        "epoch_count": recording.epoch_count,
        "epoch0_s": recording.epoch0_s,
        "start_clock_s": recording.start_clock_s,
        "duration_s": recording.duration_s,
        "derivations": recording.derivation_names,
        "mains_hz": recording.mains_hz,
        "signals_version": recording.signals_version,
        "channels": recording.channels,
        "notes": recording.notes,
        "warnings": recording.warnings,
        "doubts": recording.intake.get("doubts", []),
        "progress": ingest
        and {
            "state": ingest.state,
            "step": ingest.step,
            "done": ingest.done,
            "total": ingest.total,
        },
        "error": ingest.error if ingest else "",
    }


def layout_json(header: StoreHeader) -> dict[str, object]:
    """Describe the position of each channel inside an epoch record."""
    return {
        "epoch_count": header.epoch_count,
        "epoch0_s": header.epoch0_s,
        "record_size": header.record_size,
        "channels": header.describe_channels(),
    }


class UploadSerializer(serializers.Serializer):
    """An uploaded recording; optional: subject code, stage file, and the start of epoch 0."""

    file = serializers.FileField(
        allow_empty_file=True, error_messages={"required": "The upload has no file."}
    )
    subject = serializers.RegexField(
        r"^[\w.\-]+$",
        required=False,
        allow_blank=True,
        max_length=60,
        error_messages={"invalid": "Use letters, figures, - _ and . only, and never a name."},
    )
    stages = serializers.FileField(required=False, allow_empty_file=True)
    stages_scorer = serializers.CharField(required=False, allow_blank=True, max_length=120)
    stage_codes = serializers.ChoiceField(list(CODE_MAPS), required=False, allow_blank=True)
    epoch_start_s = FiniteField(required=False, allow_null=True, min_value=0)
    decisions = serializers.JSONField(required=False)


class SignalsCorrectedError(RefusedError):
    """The signals were corrected after the caller read their layout."""

    code = "signals_corrected"
    status = 409
    default = "The signals of this recording were corrected. Reload the page."


MAX_EPOCHS_AT_ONCE = 16
# Stored signals never change, so a browser keeps them, but asks each time whether it may show them:
# not after signing out, and not after an erasure.
ASK_EACH_TIME = "private, no-cache"


class RecordingView(APIView):
    def get(self, request: Request, recording_id: int) -> Response:
        recording = _visible(request, recording_id)
        is_lead = recording.study.allows(signed_in(request), [Role.LEAD])
        overlaps = overlap_notes(recording) if is_lead else []
        return Response({**recording_json(recording), "notes": [*recording.notes, *overlaps]})


class LayoutView(APIView):
    def get(self, request: Request, recording_id: int) -> Response:
        """Describe the channels; for the raw view also how derivations are computed from them."""
        shown = _visible(request, recording_id)
        with _opened(_signals(request, recording_id)) as store:
            layout = {
                "version": shown.signals_version,
                **layout_json(store.header),
                "stand_ins": shown.stand_ins,
                "has_raw": bool(shown.raw_file),
            }
            if request.query_params.get("view") == "raw":
                layout["mains_hz"] = shown.mains_hz or MAINS_HZ
                layout["derivations"] = raw_derivations(
                    store.header, shown.derivations, shown.mains_hz
                )
            return Response(layout)


class EpochsView(APIView):
    def get(self, request: Request, recording_id: int, first: int) -> HttpResponseBase:
        count = _count(request)
        file = _signals(request, recording_id)
        return _kept(request, file, lambda: _bytes(_read_epochs(file, first, count)))


class EnvelopeView(APIView):
    def get(self, request: Request, recording_id: int) -> HttpResponseBase:
        """Send minimum and maximum of every channel: int16 (channels, stretches, 2)."""
        file = _signals(request, recording_id)
        return _kept(request, file, lambda: _bytes(_read_envelope(file)))


class SpectrogramView(APIView):
    def get(self, request: Request, recording_id: int) -> HttpResponseBase:
        recording = _visible(request, recording_id)
        if not recording.spectrogram_file:
            raise Http404("This recording has no spectrogram.")
        return _kept(request, recording.spectrogram_file, lambda: _image(recording))


def _visible(request: Request, recording_id: int) -> Recording:
    recordings = Recording.objects.of(signed_in(request)).select_related("ingest")
    return get_or_404(recordings, pk=recording_id)


def _signals(request: Request, recording_id: int) -> FieldFile:
    """Return the file of filtered derivations, with ``?view=raw`` that of unfiltered channels.

    With ``?version=`` of a layout that was read before, signals that were corrected since then are
    refused: their records have other channels.
    """
    files = Recording.objects.of(signed_in(request))
    recording = get_or_404(
        files.only("signals_file", "raw_file", "signals_version"), pk=recording_id
    )
    version = request.query_params.get("version", str(recording.signals_version))
    if version != str(recording.signals_version):
        raise SignalsCorrectedError
    is_raw = request.query_params.get("view") == "raw"
    field = recording.raw_file if is_raw else recording.signals_file
    if not field:
        raise Http404("This recording has no signals.")
    return field


@contextmanager
def _opened(file: FieldFile) -> Iterator[SignalStore]:
    with SignalStore.open(file.open("rb")) as store:
        yield store


def _read_epochs(file: FieldFile, first: int, count: int) -> bytes:
    with _opened(file) as store:
        try:
            # The last block may request more epochs than the recording has.
            return store.read_record(first, min(count, store.epoch_count - first))
        except SignalStoreError as error:
            raise Http404(str(error)) from error


def _read_envelope(file: FieldFile) -> bytes:
    with _opened(file) as store:
        return envelope(store).tobytes()


def _bytes(data: bytes) -> HttpResponse:
    return HttpResponse(data, content_type="application/octet-stream")


def _image(recording: Recording) -> FileResponse:
    file = recording.spectrogram_file.open("rb")
    return FileResponse(file, content_type="image/png", filename="spectrogram.png")


def _kept(
    request: Request, file: FieldFile, make: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Answer 304 to a browser that has the bytes; access was checked before, as for the bytes."""
    etag = f'"{hashlib.sha256(str(file.name).encode()).hexdigest()}"'  # a new file, a new name
    response: HttpResponseBase | None = get_conditional_response(request._request, etag=etag)
    response = response or make()
    response["Cache-Control"] = ASK_EACH_TIME
    response["ETag"] = etag
    return response


def _count(request: Request) -> int:
    text = request.query_params.get("count", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MAX_EPOCHS_AT_ONCE:
        raise RefusedError(f"This is 1 to {MAX_EPOCHS_AT_ONCE}.", where="count")
    return int(text)


# Upload: `UploadView` refuses who may not send before the file is read.


class RecordingUploadView(UploadView):
    advice = "Remove channels that scoring does not need, or contact the administrator."

    def post(self, request: Request, slug: str) -> Response:
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        fields = form.validated_data
        stages = fields.get("stages")
        with transaction.atomic():
            ingest = receive_recording(
                study=self.study,
                file=_incoming(fields["file"]),
                subject_code=fields.get("subject", ""),
                stages=_incoming(stages) if stages else None,
                stages_scorer=fields.get("stages_scorer", ""),
                decisions=_decisions(fields),
                requested_by=signed_in(request),
                limit_bytes=settings.UPLOAD_LIMIT_BYTES,
            )
            send_after_commit(ingest)
        return Response(recording_json(ingest.recording), status=status.HTTP_201_CREATED)


def _decisions(fields: dict[str, Any]) -> NightDecisions:
    """Read the JSON of `decisions`; the fields beside it stand for what it leaves open."""
    given = fields.get("decisions", {})
    if not isinstance(given, dict):
        raise RefusedError("The decisions are not a JSON object.", where="decisions")
    decisions = NightDecisions.from_json(given)
    codes = decisions.stages.codes or fields.get("stage_codes", "")
    start_s = decisions.epoch_start_s
    return replace(
        decisions,
        stages=replace(decisions.stages, codes=codes),
        epoch_start_s=fields.get("epoch_start_s") if start_s is None else start_s,
    )


def _incoming(file: Any) -> IncomingFile:
    return IncomingFile(chunks=file.chunks(), name=file.name or "")
