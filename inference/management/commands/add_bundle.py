"""Register a model bundle: a folder, a built-in one, or released weights of a hub."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.bundles import BUILT_IN, BundleError
from inference.models import ModelBundle
from inference.prompts import Track
from inference.registry.bundles import built_in_folder, register_bundle
from inference.registry.hub.source import SCHEME, hub_source
from inference.runs.reading import can_be_run


class Command(BaseCommand):
    help = (
        "Check the bundle folder PATH (bundle.toml, prompt, checkpoint), hash it, and make it "
        "available to runs. The folder is not copied and must not change. PATH may also be "
        f"the name of a built-in bundle: {', '.join(BUILT_IN)}; or hf://OWNER/NAME@REVISION with "
        "--prompt: released weights, which are fetched into the folder of models (EPOCHWISE_MODELS)"
        " and continued after a break by the same command. HF_ENDPOINT, HF_HOME, HF_TOKEN and "
        "HF_HUB_OFFLINE have their usual meaning."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH")
        parser.add_argument(
            "--name", default="", help="name to register instead of the name in bundle.toml"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object")
        parser.add_argument(
            "--prompt",
            type=Path,
            metavar="FILE",
            help="system prompt with which released weights were trained",
        )
        parser.add_argument(
            "--track",
            choices=[track.value for track in Track],
            default=Track.FINE.value,
            help="replies with rationale (fine) or without (coarse), for released weights",
        )
        parser.add_argument(
            "--served",
            action="store_true",
            help="a model server reads the released weights (manage.py serve_model), not a worker",
        )

    def handle(self, *, path: str, name: str, **options: Any) -> None:
        try:
            # An address must not become a path: that would make one slash of two.
            if path.startswith(SCHEME):
                bundle, created = register_bundle(folder=self._fetched(path, name, options))
            else:
                bundle, created = register_bundle(folder=_local(path, options), name=name)
        except BundleError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(bundle, created=created)))
            return
        known = "is registered" if created else "was already registered"
        self.stdout.write(f"Bundle {bundle.name}, version {bundle.version}, {known}.")
        if not can_be_run(bundle):
            self.stdout.write(
                f"No running worker can run it. To set up a worker: {bundle.install_hint}."
            )

    def _fetched(self, address: str, name: str, options: dict[str, Any]) -> Path:
        source = hub_source(address)
        if find_spec("huggingface_hub") is None:
            raise CommandError(
                "Released weights need the inference extra: make install INFERENCE=1"
            )
        from inference.registry.hub.adding import Wanted, fetch_bundle

        wanted = Wanted(
            source=source,
            prompt=_prompt_text(options["prompt"]),
            name=name,
            track=Track(options["track"]),
            is_served=options["served"],
        )
        say = self.stderr.write if options["json"] else self.stdout.write
        return fetch_bundle(wanted, root=Path(settings.MODELS_FOLDER), say=say)


def _local(path: str, options: dict[str, Any]) -> Path:
    if options["prompt"] or options["served"]:
        raise CommandError(f"--prompt and --served are for {SCHEME} addresses.")
    if path in BUILT_IN and not Path(path).exists():
        return built_in_folder(path)
    return Path(path)


def _prompt_text(path: Path | None) -> str:
    if path is None:
        raise CommandError(
            "Name the prompt with --prompt FILE: weights were trained with a prompt of their own, "
            "and are worse with another. Nothing was fetched."
        )
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The prompt cannot be read: {error}. Nothing was fetched.") from error


def _as_json(bundle: ModelBundle, *, created: bool) -> dict[str, object]:
    return {
        "name": bundle.name,
        "version": bundle.version,
        "adapter": bundle.adapter,
        "prompt_sha256": bundle.prompt_sha256,
        "weights_sha256": bundle.weights_sha256,
        "created": created,
    }
