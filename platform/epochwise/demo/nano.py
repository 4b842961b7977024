"""SleepVLM-nano in the demo: always among the models, at work where the demo is asked for it."""

from collections.abc import Callable
from pathlib import Path

from inference.bundles import BUILT_IN_SLEEPVLM, BundleError
from inference.entry import begin_run
from inference.models import ModelBundle, PreScoreRun
from inference.services.bundles import built_in_folder, register_bundle
from inference.services.runs import RunRefusedError
from recordings.models import Recording


def offer_nano(*, tell: Callable[[str], object], folder: Path | None = None) -> ModelBundle | None:
    """Register the bundle; without its weights the demo goes on without it, and says so."""
    try:
        return register_bundle(folder=folder or built_in_folder(BUILT_IN_SLEEPVLM))[0]
    except BundleError as error:
        tell(f"the demo goes without SleepVLM-nano: {error}")
        return None


def read_by_nano(
    *, recording: Recording, bundle: ModelBundle, tell: Callable[[str], object]
) -> None:
    """Have it read a night once, behind everything that somebody may wait for."""
    if recording.runs.filter(bundle=bundle).exists():
        return
    try:
        begin_run(recording=recording, bundle=bundle, priority=PreScoreRun.Priority.LOW)
    except RunRefusedError as refused:  # workers of a killed site still seem to be alive
        tell(f"SleepVLM-nano reads no night yet: {refused} Start again, and it will.")
