"""The files of a revision: which are fetched, and how long each is and which hash it has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, ModelCard, constants, is_offline_mode
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.file_download import repo_folder_name

from inference.bundles import BundleError
from inference.bundles.checkpoint import why_unsafe
from inference.registry.hub.source import HubSource, is_commit_id

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
_SUFFIXES = {".safetensors", ".json", ".txt", ".jinja", ".md"}
_LICENCE = re.compile(r"(licen[cs]e|notice)[\w.-]*", re.IGNORECASE)
_NEEDED = ("config.json", "tokenizer.json")
_WEIGHTS = ".safetensors"
_MOST_BYTES_OF_A_TEXT = 100 * 2**20
_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class HubFile:
    """A file of a revision. It has a SHA-256, or as a small file the SHA-1 that git computes."""

    name: str
    size: int
    sha256: str
    git_sha1: str

    @property
    def is_weights(self) -> bool:
        return self.name.endswith(_WEIGHTS)


@dataclass(frozen=True)
class Listing:
    """What a revision holds.

    Parameters
    ----------
    commit : str
        What the revision means now.
    licence : str
        As the release states it.
    files : tuple of HubFile
        Files to fetch, weights last.
    left_out : tuple of str
        Names of all other files.
    """

    commit: str
    licence: str
    files: tuple[HubFile, ...]
    left_out: tuple[str, ...]


def list_files(source: HubSource) -> Listing:
    """List a revision; without network (HF_HUB_OFFLINE) as the local cache has it.

    Raises
    ------
    BundleError
        When it lacks what a checkpoint needs, or states no hash.
    """
    listing = _in_cache(source) if is_offline_mode() else _on_hub(source)
    is_commit = is_commit_id(listing.commit)
    if not is_commit or (source.names_commit and listing.commit != source.revision):
        raise BundleError(
            "The hub does not state which commit it lists",
            where=str(source),
            advice="Nothing was fetched. Check HF_ENDPOINT.",
        )
    names = {file.name for file in listing.files}
    missing = [name for name in _NEEDED if name not in names]
    missing += [] if any(file.is_weights for file in listing.files) else ["*.safetensors"]
    if missing:
        raise BundleError(
            f"The release has no {', '.join(missing)}",
            where=str(source),
            advice="Nothing was fetched. Only checkpoints in safetensors can be used; pickles and "
            "code are never fetched.",
        )
    for file in listing.files:
        _check(file, source)
    return listing


def _on_hub(source: HubSource) -> Listing:
    info = HfApi().model_info(
        source.repository, revision=source.revision, files_metadata=True, timeout=_TIMEOUT_S
    )
    files = (
        HubFile(
            name=sibling.rfilename,
            size=-1 if sibling.size is None else sibling.size,
            sha256=sibling.lfs.sha256 if sibling.lfs else "",
            git_sha1="" if sibling.lfs else sibling.blob_id or "",
        )
        for sibling in info.siblings or []
    )
    return _listing(info.sha or "", _licence(info.card_data), files)


def _in_cache(source: HubSource) -> Listing:
    folder = Path(constants.HF_HUB_CACHE) / repo_folder_name(
        repo_id=source.repository, repo_type="model"
    )
    ref = folder / "refs" / source.revision
    commit = ref.read_text("utf-8").strip() if ref.is_file() else source.revision
    snapshot = folder / "snapshots" / commit
    if not snapshot.is_dir():
        raise OfflineModeIsEnabled(str(snapshot))
    card = snapshot / "README.md"
    data = ModelCard(card.read_text("utf-8")).data if card.is_file() else None
    return _listing(commit, _licence(data), map(_cached_file, sorted(snapshot.iterdir())))


def _cached_file(path: Path) -> HubFile:
    """The cache names what it stores by its hash."""
    stored = path.resolve()
    name_is_sha256 = len(stored.name) == 64
    return HubFile(
        name=path.name,
        size=stored.stat().st_size,
        sha256=stored.name if name_is_sha256 else "",
        git_sha1="" if name_is_sha256 else stored.name,
    )


def _listing(commit: str, licence: str, files: Iterable[HubFile]) -> Listing:
    listed = list(files)
    wanted = [file for file in listed if _is_wanted(file.name)]
    wanted.sort(key=lambda file: (file.is_weights, file.name))
    left_out = tuple(file.name for file in listed if not _is_wanted(file.name))
    return Listing(commit, licence, tuple(wanted), left_out)


def _is_wanted(name: str) -> bool:
    """Only files that a checkpoint consists of, directly in the repository."""
    if not _NAME.fullmatch(name) or why_unsafe(name):
        return False
    return Path(name).suffix.lower() in _SUFFIXES or bool(_LICENCE.fullmatch(name))


def _check(file: HubFile, source: HubSource) -> None:
    hashes = (file.sha256, 64), (file.git_sha1, 40)
    has_hash = any(re.fullmatch(rf"[0-9a-f]{{{length}}}", text) for text, length in hashes)
    if file.size < 0 or not has_hash:
        raise BundleError(
            f"The hub states no length or no hash of {file.name}",
            where=str(source),
            advice="Nothing was fetched. Use the hub itself, or a mirror that gives both.",
        )
    if not file.is_weights and file.size > _MOST_BYTES_OF_A_TEXT:
        raise BundleError(
            f"{file.name} is too long for such a file ({file.size / 2**20:,.0f} MiB)",
            where=str(source),
            advice="Nothing was fetched. Check that this is a Qwen2.5-VL checkpoint.",
        )


def _licence(card: object) -> str:
    """Return the licence with its own name and address, if the card gives them."""
    named = [getattr(card, field, None) for field in ("license", "license_name", "license_link")]
    words = [str(word) for word in named if isinstance(word, str) and word]
    return " ".join(words)[:120] or "not stated by the release"
