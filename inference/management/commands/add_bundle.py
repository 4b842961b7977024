"""Register a model bundle."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.bundles import BUILT_IN, BundleError
from inference.registry.bundles import built_in_folder, register_bundle
from inference.runs.reading import can_be_run


class Command(BaseCommand):
    help = (
        "Check the bundle folder PATH (bundle.toml, prompt, checkpoint), hash it, and make it "
        "available to runs. The folder is not copied and must not change. PATH may also be "
        f"the name of a built-in bundle: {', '.join(BUILT_IN)}."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument(
            "--name", default="", help="name to register instead of the name in bundle.toml"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")

    def handle(self, *, path: Path, name: str, **options: Any) -> None:
        if str(path) in BUILT_IN and not path.exists():
            path = built_in_folder(str(path))
        try:
            bundle, created = register_bundle(folder=path, name=name)
        except BundleError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "name": bundle.name,
                        "version": bundle.version,
                        "adapter": bundle.adapter,
                        "prompt_sha256": bundle.prompt_sha256,
                        "weights_sha256": bundle.weights_sha256,
                        "created": created,
                    }
                )
            )
            return
        known = "is registered" if created else "was already registered"
        self.stdout.write(f"Bundle {bundle.name}, version {bundle.version}, {known}.")
        if not can_be_run(bundle):
            self.stdout.write(
                f"No running worker can run it. To set up a worker: {bundle.install_hint}."
            )
