"""Make a bundle of released weights: prompt, checkpoint and ``bundle.toml`` in one folder.

Everything is put together in a hidden folder named by the commit. It gets its name when it is
complete, so a half-fetched model can neither be chosen nor read.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inference.bundles import FILE_NAME, BundleError, read_bundle
from inference.bundles.checkpoint import check_config, quantisation
from inference.bundles.reading import SERVERS_VARIABLE
from inference.prompts import Track
from inference.registry.hub.fetching import fetch_file, missing_bytes
from inference.registry.hub.listing import Listing, list_files
from inference.registry.hub.refusals import KEPT, refused_in_words
from inference.registry.hub.source import HubSource
from jobs.room import ROOM_BYTES, free_bytes

CHECKPOINT = "checkpoint"
PROMPT = "prompt.md"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """The bundle to make.

    Parameters
    ----------
    prompt : str
        The system prompt with which the weights were trained.
    name : str
        Name of the bundle; by default that of the repository.
    is_served : bool
        Whether a model server reads the weights, not a worker.
    """

    source: HubSource
    prompt: str
    name: str = ""
    track: Track = Track.FINE
    is_served: bool = False

    @property
    def bundle_name(self) -> str:
        name = (self.name or self.source.repository.rpartition("/")[2]).lower()
        return re.sub(r"[^a-z0-9.-]", "-", name)[:63].strip(".-") or "model"


def fetch_bundle(wanted: Wanted, *, root: Path, say: Say) -> Path:
    """Return the folder of the bundle, below ``root``; what is there already is not fetched again.

    Raises
    ------
    BundleError
        When the release cannot be used, fetched or stored.
    """
    with refused_in_words(wanted.source):
        listing = list_files(wanted.source)
        _say_what(wanted.source, listing, say)
        folder = root / wanted.bundle_name
        if not folder.exists():
            _make(wanted, listing, root, folder, say)
        _refuse_other(folder, wanted, listing)
    return folder


def _say_what(source: HubSource, listing: Listing, say: Say) -> None:
    if not source.names_commit:
        say(f"“{source.revision}” means commit {listing.commit} now; the bundle names the commit.")
    say(f"Licence of the release: {listing.licence}.")
    if listing.left_out:
        say(f"Not fetched: {', '.join(sorted(listing.left_out)[:20])}.")


def _make(wanted: Wanted, listing: Listing, root: Path, folder: Path, say: Say) -> None:
    staging = root / f".hub-{listing.commit[:12]}-{wanted.bundle_name}"
    checkpoint = staging / CHECKPOINT
    checkpoint.mkdir(parents=True, exist_ok=True)
    with _only_one(staging, wanted.source):
        _refuse_without_room(listing, checkpoint, wanted.source)
        for file in listing.files:
            if file.is_weights:
                _refuse_unfit(checkpoint, wanted)
            if missing_bytes([file], checkpoint):
                say(f"{file.name}, {file.size / 2**20:,.1f} MiB")
            fetch_file(
                file,
                source=wanted.source,
                commit=listing.commit,
                folder=checkpoint,
                copies=root.glob(f"*/{CHECKPOINT}/{file.name}"),
            )
        (staging / PROMPT).write_text(wanted.prompt, "utf-8")
        (staging / FILE_NAME).write_text(_bundle_toml(wanted, listing), "utf-8")
        read_bundle(staging)
        staging.rename(folder)


@contextmanager
def _only_one(folder: Path, source: HubSource) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BundleError(
            "Another command fetches these weights at this moment",
            where=str(source),
            advice="Wait until it has finished.",
        ) from None
    finally:
        os.close(lock)


def _refuse_without_room(listing: Listing, folder: Path, source: HubSource) -> None:
    missing = missing_bytes(listing.files, folder)
    free = free_bytes(folder)
    if missing + ROOM_BYTES > free:
        raise BundleError(
            f"The disk has too little room: {missing / 2**30:,.2f} GiB are to be fetched, and "
            f"{free / 2**30:,.2f} GiB are free",
            where=str(source),
            advice=f"{KEPT} Make room, or set EPOCHWISE_MODELS to a folder on a larger disk, then "
            "run the same command again.",
        )


def _refuse_unfit(checkpoint: Path, wanted: Wanted) -> None:
    """Refuse a configuration that cannot be used, before the weights are fetched."""
    check_config(checkpoint)
    method = quantisation(checkpoint)
    if method and not wanted.is_served:
        raise BundleError(
            f"The weights are quantised ({method}), which only a model server reads",
            where=str(wanted.source),
            advice="No weights were fetched. Add --served, then start the server with "
            "manage.py serve_model.",
        )


def _refuse_other(folder: Path, wanted: Wanted, listing: Listing) -> None:
    """Refuse a folder of this name that holds another bundle."""
    spec = read_bundle(folder)
    commit = spec.source.commit if spec.source else ""
    same = commit == listing.commit and spec.prompt_template == wanted.prompt
    if not (same and (spec.server is not None) == wanted.is_served and spec.track is wanted.track):
        raise BundleError(
            "The folder of models holds another bundle of this name",
            where=folder.name,
            advice="It was not changed. Choose another name with --name.",
        )


def _bundle_toml(wanted: Wanted, listing: Listing) -> str:
    name = wanted.bundle_name
    source = wanted.source
    lines = [
        f"name = {_text(name)}",
        f"title = {_text(source.repository.rpartition('/')[2])}",
        f"description = {_text(f'Weights: hf://{source.repository}@{listing.commit}')}",
        f"adapter = {_text('openai' if wanted.is_served else 'sleepvlm')}",
        f"version = {_text(listing.commit[:12])}",
        f"licence = {_text(listing.licence)}",
        f"checkpoint = {_text(CHECKPOINT)}",
        f"track = {_text(wanted.track.value)}",
        "",
        "[prompt]",
        f"file = {_text(PROMPT)}",
        "",
        "[source]",
        f"repository = {_text(source.repository)}",
        f"revision = {_text(source.revision)}",
        f"commit = {_text(listing.commit)}",
    ]
    if wanted.is_served:
        variable = re.sub(r"[^A-Z0-9]+", "_", f"{SERVERS_VARIABLE}_{name.upper()}").strip("_")
        lines += ["", "[server]", f"model = {_text(name)}", f"addresses_in = {_text(variable)}"]
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
