"""What images of epochs are called, whether they are in the release or not."""

from typing import Any

from annotations.exports.names import FileStems


def image_stems(manifest: dict[str, Any]) -> dict[str, str]:
    """Return the folder of each recording; the same to every format, whatever it leaves out."""
    stems = FileStems()
    return {night["recording"]: stems.of(night["recording"]) for night in manifest["nights"]}


def image_name(stem: str, epoch: int) -> str:
    return f"images/{stem}/{epoch:04d}.png"


def window(epoch: int, epoch_count: int) -> tuple[int, int, int]:
    """Return an epoch between its neighbours; at the edges of a night it stands twice."""
    return max(epoch - 1, 0), epoch, min(epoch + 1, epoch_count - 1)
