"""Try a model bundle before a night is given to it."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.bundles import BundleError, BundleSpec, read_bundle
from inference.registry.bundles import find_bundle, load_spec
from inference.registry.trials import Trial, Window, try_bundle


class Command(BaseCommand):
    help = (
        "Check a bundle, given as the name of a registered one or as a folder: is the folder "
        "whole, does the model load here, and what does it say of three windows of a short "
        "simulated night. Nothing is stored."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("bundle", metavar="NAME_OR_PATH")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, bundle: str, **options: Any) -> None:
        trial = try_bundle(lambda: _spec_of(bundle))
        if options["json"]:
            self.stdout.write(json.dumps({"passed": trial.passed, **trial.as_json()}))
        else:
            self._tell(trial)
        if not trial.passed:
            raise CommandError(trial.error)

    def _tell(self, trial: Trial) -> None:
        for line in trial.lines:
            self.stdout.write(line)
        for window in trial.windows:
            self.stdout.write(_words(window))
            if window.fault:
                self.stdout.write(window.text)
        if trial.passed:
            self.stdout.write("All three replies were read.")


def _spec_of(name: str) -> BundleSpec:
    """A folder where there is one, else the registered bundle of that name."""
    if Path(name).is_dir():
        return read_bundle(Path(name))
    bundle = find_bundle(name)
    try:
        return load_spec(bundle)
    except OSError as error:
        raise BundleError(f"The folder of {name} cannot be read: {error}") from None


def _words(window: Window) -> str:
    if window.fault:
        return f"Epoch {window.epoch}: {window.fault}"
    rules = ", ".join(window.rules) or "no rules"
    return f"Epoch {window.epoch}: {window.stage} ({rules}). {window.rationale}".strip()
