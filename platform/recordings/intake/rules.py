"""What is kept for all recordings or stage files of a study that are alike."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from psg.ingest.decisions import NightDecisions
from psg.stagefiles.facts import StageOptions
from psg.typed_json import JsonObject
from recordings.intake.answers import AnswerError, checked_decisions, merged, options_with
from recordings.intake.models import IntakeNight, IntakeRule
from studies.models import Study, User

# What may be kept for all stage files of a format. Where their stages lie is told by each alone.
_OF_A_FORMAT = {"codes", "epoch_s", "unscored", "meanings"}


def keep_channels(*, night: IntakeNight, given: Mapping[str, Any], user: User | None) -> None:
    """Keep what was said of the channels of a night for all recordings with its labels."""
    labels = [channel["label"] for channel in night.facts.get("channels", [])]
    if labels:
        kind = IntakeRule.Kind.CHANNELS
        _keep(night.queue.study, kind, label_digest(labels), labels, given, user)


def check_kept_options(code: str, given: Mapping[str, Any]) -> None:
    """Refuse to keep for a format what only a single file can tell.

    Raises
    ------
    AnswerError
    """
    if not given.keys() <= _OF_A_FORMAT:
        raise AnswerError("This answer cannot be used for other stage files.", where=code)


def keep_options(
    *, study: Study, format_: str, given: Mapping[str, Any], user: User | None
) -> None:
    """Keep what was said of a stage file for all files of its format."""
    _keep(study, IntakeRule.Kind.STAGES, format_, [format_], given, user)


def _keep(
    study: Study,
    kind: IntakeRule.Kind,
    key: str,
    about: list[str],
    given: Mapping[str, Any],
    user: User | None,
) -> None:
    # The study is locked: two queues may keep the first answer at once, and neither has a row yet.
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    rule = IntakeRule.objects.filter(study=study, kind=kind, key=key).first()
    before = rule.value if rule else {}
    is_of_stages = kind == IntakeRule.Kind.STAGES
    value = options_with(before, given) if is_of_stages else merged(before, given)
    IntakeRule.objects.update_or_create(
        study=study,
        kind=kind,
        key=key,
        defaults={"about": about, "value": value, "set_by": user, "set_at": timezone.now()},
    )


def label_digest(labels: Iterable[str]) -> str:
    """Return the name of a set of labels, whatever their order."""
    return hashlib.sha256("\n".join(sorted(labels)).encode()).hexdigest()


def channel_rules(study: Study) -> dict[str, IntakeRule]:
    """Return what the study keeps for recordings, by their sets of labels."""
    return {rule.key: rule for rule in study.intake_rules.filter(kind=IntakeRule.Kind.CHANNELS)}


def said_about(
    kept: Mapping[str, JsonObject],
    for_all: Mapping[str, Any],
    for_night: Mapping[str, Any],
    label_set: str,
) -> NightDecisions:
    """Return what is decided about a night: kept for its labels, for its queue, for itself."""
    return checked_decisions(merged(merged(kept.get(label_set, {}), for_all), for_night))


def options_for_formats(study: Study) -> dict[str, JsonObject]:
    """Return the kept options of stage files, by format."""
    rules = study.intake_rules.filter(kind=IntakeRule.Kind.STAGES)
    return {
        rule.key: {key: value for key, value in rule.value.items() if key in _OF_A_FORMAT}
        for rule in rules
    }


def options_over(kept: Mapping[str, Any], given: Mapping[str, Any]) -> StageOptions:
    """Return the options of a stage file: what is said of it, over what is kept."""
    return checked_decisions({"stages": options_with(kept, given)}).stages
