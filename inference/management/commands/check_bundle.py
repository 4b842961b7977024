"""Try a model bundle on a simulated night."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.bundles import BundleError, BundleSpec, read_bundle
from inference.registry.bundles import find_bundle, load_spec
from inference.registry.trials import Trial, TriedEpoch, try_bundle


class Command(BaseCommand):
    help = (
        "Check a bundle (name of a registered bundle, or a folder): check the folder, load the "
        "model on this computer, and show its replies to three windows of a short simulated "
        "night. Nothing is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", metavar="NAME_OR_PATH")
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, bundle: str, **options: Any) -> None:
        trial = try_bundle(lambda: _spec_of(bundle))
        if options["json"]:
            self.stdout.write(json.dumps({"passed": trial.passed, **trial.as_json()}))
        else:
            self._print(trial)
        if not trial.passed:
            raise CommandError(trial.error)

    def _print(self, trial: Trial) -> None:
        for line in trial.lines:
            self.stdout.write(line)
        for window in trial.windows:
            self.stdout.write(_words(window))
            if window.fault:
                self.stdout.write(window.text)
        if trial.passed:
            self.stdout.write("All three replies were read.")


def _spec_of(name: str) -> BundleSpec:
    """Read the folder `name` if it exists, else the registered bundle of this name."""
    if Path(name).is_dir():
        return read_bundle(Path(name))
    bundle = find_bundle(name)
    try:
        return load_spec(bundle)
    except OSError as error:
        raise BundleError(f"The folder of {name} cannot be read: {error}") from None


def _words(window: TriedEpoch) -> str:
    if window.fault:
        return f"Epoch {window.epoch}: {window.fault}"
    rules = ", ".join(window.rules) or "no rules"
    best = f", best of {window.best_of}" if window.best_of > 1 else ""
    return f"Epoch {window.epoch}: {window.stage} ({rules}){best}. {window.rationale}".strip()
