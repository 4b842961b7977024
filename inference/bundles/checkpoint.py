"""Check a checkpoint folder before any of its files is loaded, and hash its weights.

Only safetensors files are allowed: a pickle can run code when it is opened. Code in the folder and
``auto_map`` in the configuration are refused too. Incompletely copied weights are detected by the
header of each file, without reading the weights.
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

from psg.errors import PsgError


class BundleError(PsgError):
    """A bundle folder cannot be used."""

    status = 409


MODEL_TYPE = "qwen2_5_vl"
_REFUSED = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".h5", ".msgpack", ".joblib", ".npy"}
_CODE = {".py", ".so", ".pyc"}
_INDEX = "model.safetensors.index.json"
_HEADER_LENGTH = struct.Struct("<Q")
_MAX_HEADER_BYTES = 100_000_000


def check_checkpoint(folder: Path) -> None:
    """Raise BundleError unless ``folder`` holds a complete and safe Qwen2.5-VL checkpoint."""
    if not folder.is_dir():
        raise BundleError("The checkpoint is not a folder", where=folder.name)
    _refuse_unsafe_files(folder)
    check_config(folder)
    for path in weight_files(folder):
        _check_whole(path)
    if not (folder / "tokenizer.json").is_file():
        raise BundleError("The checkpoint has no tokenizer.json", where=folder.name)


def weight_files(folder: Path) -> list[Path]:
    """Return the safetensors files of a checkpoint, with all shards named in its index."""
    index = folder / _INDEX
    if not index.is_file():
        files = sorted(folder.glob("*.safetensors"))
        if not files:
            raise BundleError("The checkpoint has no safetensors weights", where=folder.name)
        return files
    weight_map = _load_json(index).get("weight_map")
    if not isinstance(weight_map, dict):
        raise BundleError(f"{_INDEX} names no weights", where=folder.name)
    names = sorted({str(name) for name in weight_map.values()})
    for name in names:
        if Path(name).name != name or not (folder / name).is_file():
            raise BundleError(
                f"The weights are not complete: {name} is missing",
                where=folder.name,
                advice="Copy the checkpoint again.",
            )
    return [folder / name for name in names]


def why_unsafe(name: str) -> str:
    """Return why no file of this name may be in a checkpoint; empty if it may."""
    suffix = Path(name).suffix.lower()
    if suffix in _REFUSED:
        return "such files can run code when opened"
    return "a bundle must not contain code" if suffix in _CODE else ""


def _refuse_unsafe_files(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if why := why_unsafe(path.name):
            convert = "" if path.suffix.lower() in _CODE else "Convert the weights to safetensors. "
            raise BundleError(
                f"{path.name} is refused: {why}",
                where=folder.name,
                advice=f"{convert}Remove the file.",
            )


def check_config(folder: Path) -> None:
    """Raise BundleError for a configuration that would load code, or of another architecture."""
    config = _load_json(folder / "config.json")
    if "auto_map" in config:
        raise BundleError(
            "config.json would load code (auto_map)",
            where=folder.name,
            advice="Remove the entry; only the architecture built into transformers is used.",
        )
    if config.get("model_type") != MODEL_TYPE:
        architecture = str(config.get("model_type", "none"))[:40]
        raise BundleError(
            f"The architecture is {architecture}, not {MODEL_TYPE}",
            where=folder.name,
            advice="Use a Qwen2.5-VL checkpoint.",
        )


def quantisation(folder: Path) -> str:
    """Return the method by which the weights were quantised; empty if they were not."""
    described = _load_json(folder / "config.json").get("quantization_config")
    if not isinstance(described, dict):
        return ""
    return str(described.get("quant_method") or "unnamed method")[:60]


def _load_json(path: Path) -> dict[str, object]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BundleError(f"{path.name} is missing", where=path.parent.name) from None
    except ValueError:
        raise BundleError(f"{path.name} is not valid JSON", where=path.parent.name) from None
    if not isinstance(value, dict):
        raise BundleError(f"{path.name} is not an object", where=path.parent.name)
    return value


def _check_whole(path: Path) -> None:
    if path.stat().st_size != _declared_size(path):
        raise BundleError(
            f"{path.name} is damaged or copied only in part",
            where=path.parent.name,
            advice="Copy the checkpoint again.",
        )


def _declared_size(path: Path) -> int:
    """Size of a safetensors file in bytes according to its header; -1 without a header."""
    with path.open("rb") as file:
        prefix = file.read(_HEADER_LENGTH.size)
        if len(prefix) < _HEADER_LENGTH.size:
            return -1
        length = _HEADER_LENGTH.unpack(prefix)[0]
        if length > _MAX_HEADER_BYTES:
            return -1
        try:
            header = json.loads(file.read(length))
            ends = [
                item["data_offsets"][1] for key, item in header.items() if key != "__metadata__"
            ]
        except (ValueError, TypeError, KeyError, AttributeError):
            return -1
    return int(_HEADER_LENGTH.size + length + max(ends, default=0))


_BLOCK_BYTES = 1 << 20


def weights_sha256(checkpoint: Path | None) -> str:
    """Return a hash over names and contents of all weight files; empty without weights."""
    if checkpoint is None:
        return ""
    digest = hashlib.sha256()
    for path in weight_files(checkpoint):
        digest.update(f"{path.name} {file_sha256(path)}\n".encode())
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
