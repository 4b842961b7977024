"""The API of the intake queue: everything that its page does."""

from typing import Any

from django.db import transaction
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.kinds import kind_of
from recordings.intake import reading
from recordings.intake.deciding import (
    answer_doubt,
    decide,
    edit_night,
    map_channels,
    place_file,
    set_options,
)
from recordings.intake.importing import import_nights
from recordings.intake.locking import changing
from recordings.intake.matching import (
    Patterns,
    match_when_all_are_read,
    preview_json,
    preview_patterns,
    set_patterns,
)
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue, IntakeRule
from recordings.intake.receiving import (
    discard_queue,
    open_queue,
    remove_file,
    remove_night,
)
from recordings.intake.signals import signals_json
from recordings.models import Ingest
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role, Study


class IntakeView(APIView):
    """The base of all views of the room: for the leads of the study."""

    study: Study

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.study = study_for(signed_in(request), kwargs["slug"], Role.LEAD)

    def queue(self) -> IntakeQueue:
        queues = IntakeQueue.objects.filter(study=self.study).select_related("study")
        return get_or_404(queues, pk=self.kwargs["queue_id"])

    def night(self) -> IntakeNight:
        nights = IntakeNight.objects.select_related("queue__study", "file")
        return get_or_404(nights, pk=self.kwargs["night_id"], queue=self.queue())

    def file(self) -> IntakeFile:
        files = IntakeFile.objects.select_related("queue__study")
        return get_or_404(files, pk=self.kwargs["file_id"], queue=self.queue())


class QueuesView(IntakeView):
    def get(self, request: Request, slug: str) -> Response:
        return Response({"queues": reading.queues_json(self.study)})

    def post(self, request: Request, slug: str) -> Response:
        queue = open_queue(study=self.study, user=signed_in(request))
        return Response(reading.queue_json(queue), status=status.HTTP_201_CREATED)


class PatternSerializer(serializers.Serializer):
    pattern = serializers.CharField(required=False, allow_blank=True, max_length=200)
    stages_pattern = serializers.CharField(required=False, allow_blank=True, max_length=200)
    keep_pattern = serializers.BooleanField(default=False)

    def patterns(self, queue: IntakeQueue) -> Patterns:
        fields = self.validated_data
        return Patterns(
            fields.get("pattern", queue.pattern), fields.get("stages_pattern", queue.stages_pattern)
        )


class QueueView(IntakeView):
    def get(self, request: Request, slug: str, queue_id: int) -> Response:
        page = request.query_params.get("page", "1")
        number = int(page[:6]) if page.isascii() and page.isdigit() else 1
        return Response(reading.queue_json(self.queue(), page=number))

    def patch(self, request: Request, slug: str, queue_id: int) -> Response:
        form = _valid(PatternSerializer, request)
        with changing(self.queue()) as queue:
            set_patterns(
                queue=queue,
                patterns=form.patterns(queue),
                user=signed_in(request),
                keep=form.validated_data["keep_pattern"],
            )
        return Response(reading.queue_json(self.queue()))

    def delete(self, request: Request, slug: str, queue_id: int) -> Response:
        discard_queue(queue=self.queue())
        return Response(status=status.HTTP_204_NO_CONTENT)


class PatternView(IntakeView):
    def post(self, request: Request, slug: str, queue_id: int) -> Response:
        """Say what patterns make of the names; nothing is saved."""
        queue, form = self.queue(), _valid(PatternSerializer, request)
        return Response(preview_json(preview_patterns(queue, form.patterns(queue))))


class FileSerializer(serializers.Serializer):
    night = serializers.IntegerField(required=False, allow_null=True)
    scorer = serializers.CharField(required=False, allow_blank=True, max_length=120)
    options = serializers.DictField(required=False)


class FileView(IntakeView):
    def patch(self, request: Request, slug: str, queue_id: int, file_id: int) -> Response:
        file, fields = self.file(), _valid(FileSerializer, request).validated_data
        given = {key: fields[key] for key in ("night", "scorer") if key in fields}
        if given.get("night") is not None:
            nights = IntakeNight.objects.filter(queue=file.queue)
            given["night"] = get_or_404(nights, pk=given["night"])
        with transaction.atomic():  # all that a request says, or nothing
            if given:
                place_file(file=file, **given)
            if "options" in fields:
                set_options(file=file, given=fields["options"])
        return Response(reading.file_json(self.file()))

    def delete(self, request: Request, slug: str, queue_id: int, file_id: int) -> Response:
        remove_and_match(self.file())
        return Response(status=status.HTTP_204_NO_CONTENT)


class NightSerializer(serializers.Serializer):
    subject = serializers.CharField(required=False, allow_blank=True, max_length=60)
    number = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=999)
    name = serializers.CharField(required=False, allow_blank=True, max_length=80)
    decisions = serializers.DictField(required=False)


class NightView(IntakeView):
    def get(self, request: Request, slug: str, queue_id: int, night_id: int) -> Response:
        return Response(reading.night_json(self.night()))

    def patch(self, request: Request, slug: str, queue_id: int, night_id: int) -> Response:
        night, fields = self.night(), _valid(NightSerializer, request).validated_data
        given = {key: fields[key] for key in ("subject", "number", "name") if key in fields}
        with transaction.atomic():  # all that a request says, or nothing
            if given:
                edit_night(night=night, **given)
            if "decisions" in fields:
                decide(night=night, given=fields["decisions"])
        return Response(reading.night_json(self.night()))

    def delete(self, request: Request, slug: str, queue_id: int, night_id: int) -> Response:
        remove_night(night=self.night())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AnswerSerializer(serializers.Serializer):
    doubt = serializers.CharField(max_length=100)
    value = serializers.CharField(max_length=2000, allow_blank=True)
    file = serializers.IntegerField(required=False, allow_null=True)
    same_labels = serializers.BooleanField(default=False)
    all = serializers.BooleanField(default=False)
    keep = serializers.BooleanField(default=False)


class AnswersView(IntakeView):
    def post(self, request: Request, slug: str, queue_id: int, night_id: int) -> Response:
        night, fields = self.night(), _valid(AnswerSerializer, request).validated_data
        of_file = fields.get("file")
        changed = answer_doubt(
            night=night,
            code=fields["doubt"],
            value=fields["value"],
            file=None if of_file is None else get_or_404(night.files.all(), pk=of_file),
            same_labels=fields["same_labels"],
            for_all=fields["all"],
            keep=fields["keep"],
            user=signed_in(request),
        )
        return Response({**reading.night_json(self.night()), "changed": changed})


class ChannelsSerializer(serializers.Serializer):
    channels = serializers.DictField()
    same_labels = serializers.BooleanField(default=False)
    keep = serializers.BooleanField(default=False)


class ChannelsView(IntakeView):
    def post(self, request: Request, slug: str, queue_id: int, night_id: int) -> Response:
        night, fields = self.night(), _valid(ChannelsSerializer, request).validated_data
        changed = map_channels(night=night, user=signed_in(request), **fields)
        return Response({"night": reading.night_json(self.night()), "changed": changed})


class SignalsView(IntakeView):
    def get(self, request: Request, slug: str, queue_id: int, night_id: int) -> Response:
        return Response(signals_json(self.night(), request.query_params.get("window", "0")))


class ImportSerializer(serializers.Serializer):
    nights = serializers.ListField(
        child=serializers.IntegerField(), required=False, allow_null=True, max_length=2000
    )


class ImportView(IntakeView):
    def post(self, request: Request, slug: str, queue_id: int) -> Response:
        chosen = _valid(ImportSerializer, request).validated_data.get("nights")
        results = import_nights(queue=self.queue(), nights=chosen, user=signed_in(request))
        kind_of(Ingest).send([result.ingest for result in results if result.ingest])
        return Response(
            {
                "imported": [
                    {"night": r.night, "recording": r.recording, "name": r.name}
                    for r in results
                    if not r.error
                ],
                "refused": [{"night": r.night, "error": r.error} for r in results if r.error],
            }
        )


class RulesView(IntakeView):
    def get(self, request: Request, slug: str) -> Response:
        rules = IntakeRule.objects.filter(study=self.study).select_related("set_by")
        return Response({"rules": [reading.rule_json(rule) for rule in rules]})


class RuleView(IntakeView):
    def delete(self, request: Request, slug: str, rule_id: int) -> Response:
        get_or_404(IntakeRule.objects.filter(study=self.study), pk=rule_id).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


def remove_and_match(file: IntakeFile) -> None:
    """Remove a file; the others are matched, if it was the last that they waited for."""
    with changing(file.queue) as queue:
        remove_file(file=file)
        match_when_all_are_read(queue)


def _valid(form: type[Any], request: Request) -> Any:
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return read
