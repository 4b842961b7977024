"""Background work of a study that waits for a worker or is being done."""

from django.apps import apps
from django.db.models import Q

from jobs.models import LeasedWork
from studies.models import Study

# Each kind of work, what a row of it is called, and the way from it to its study.
WORK = {
    "recordings.ingest": ("file being read", "recording__study"),
    "recordings.signalcorrection": ("correction of signals", "recording__study"),
    "recordings.intakefile": ("file of an intake queue", "queue__study"),
    "recordings.intakenight": ("recording of an intake queue", "queue__study"),
    "annotations.agreementwork": ("computation of agreement", "study"),
    "annotations.export": ("export", "study"),
    "annotations.masseximport": ("import", "study"),
    "annotations.scoringimport": ("import", "study"),
    "annotations.ratingstudy": ("launch of a rating study", "study"),
    "annotations.release": ("release", "study"),
    "inference.runchunk": ("part of a pre-scoring run", "run__recording__study"),
}
# Of the whole site, not of a study.
OF_THE_SITE = {"inference.bundlecheck", "inference.modeladdition", "studies.noticedigest"}


def work_in_progress(study: Study) -> list[str]:
    """Return what of a study is not finished, in words with their count."""
    counts: dict[str, int] = {}
    for name, (words, way) in WORK.items():
        model = apps.get_model(name)
        assert issubclass(model, LeasedWork)
        is_busy = Q(state=model.WAITING) | Q(state=model.RUNNING)
        if count := model._default_manager.filter(is_busy, **{way: study}).count():
            counts[words] = counts.get(words, 0) + count
    return [f"{count} {words}" for words, count in counts.items()]
