"""Reading a recording: its state, the layout of its store, and its epochs as bytes."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from psg.display import envelope, raw_derivations
from psg.errors import SignalStoreError
from psg.signalstore import SignalStore
from recordings.api.serializers import layout_json, recording_json
from recordings.models import Recording
from studies.access import get_or_404, signed_in

MAX_EPOCHS_AT_ONCE = 16
# What was stored of a recording never changes, so a browser may keep it.
FOREVER = "private, max-age=31536000, immutable"


class RecordingView(APIView):
    def get(self, request: Request, recording_id: int) -> Response:
        return Response(recording_json(_visible(request, recording_id)))


class LayoutView(APIView):
    def get(self, request: Request, recording_id: int) -> Response:
        """Say where each channel lies; of the raw view also how derivations are made of them."""
        with _store(request, recording_id) as store:
            layout = layout_json(store.header)
            if request.query_params.get("view") == "raw":
                wanted = _visible(request, recording_id).derivation_names
                layout["derivations"] = raw_derivations(store.header, wanted)
            return Response(layout)


class EpochsView(APIView):
    def get(self, request: Request, recording_id: int, first: int) -> HttpResponseBase:
        count = _count(request)
        with _store(request, recording_id) as store:
            # The last block may ask for more than there is.
            count = min(count, store.epoch_count - first)
            try:
                data = store.read_record(first, count)
            except SignalStoreError as error:
                raise Http404(str(error)) from error
        response = HttpResponse(data, content_type="application/octet-stream")
        response["Cache-Control"] = FOREVER
        return response


class EnvelopeView(APIView):
    def get(self, request: Request, recording_id: int) -> HttpResponseBase:
        """Send the extremes of every channel: int16 by channel, stretch, low and high."""
        with _store(request, recording_id) as store:
            response = HttpResponse(
                envelope(store).tobytes(), content_type="application/octet-stream"
            )
        response["Cache-Control"] = FOREVER
        return response


class SpectrogramView(APIView):
    def get(self, request: Request, recording_id: int) -> HttpResponseBase:
        recording = _visible(request, recording_id)
        if not recording.spectrogram_file:
            raise Http404("This recording has no spectrogram.")
        file = recording.spectrogram_file.open("rb")
        response = FileResponse(file, content_type="image/png", filename="spectrogram.png")
        response["Cache-Control"] = FOREVER
        return response


def _visible(request: Request, recording_id: int) -> Recording:
    recordings = Recording.objects.of(signed_in(request)).select_related("ingest")
    return get_or_404(recordings, pk=recording_id)


@contextmanager
def _store(request: Request, recording_id: int) -> Iterator[SignalStore]:
    """Open the scored store, or with ``?view=raw`` the one of unfiltered channels."""
    files = Recording.objects.of(signed_in(request)).only("signals_file", "raw_file")
    recording = get_or_404(files, pk=recording_id)
    is_raw = request.query_params.get("view") == "raw"
    field = recording.raw_file if is_raw else recording.signals_file
    if not field:
        raise Http404("This recording has no signals.")
    with SignalStore.open(field.open("rb")) as store:
        yield store


def _count(request: Request) -> int:
    text = request.query_params.get("count", "1")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MAX_EPOCHS_AT_ONCE:
        raise ValidationError({"detail": f"count is 1 to {MAX_EPOCHS_AT_ONCE}."})
    return int(text)
