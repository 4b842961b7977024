"""Model bundles, pre-score runs, their leases and their raw replies."""

from inference.models.bundle import ModelBundle
from inference.models.check import BundleCheck
from inference.models.promotion import Promotion
from inference.models.reply import Reply
from inference.models.run import PreScoreRun, RunChunk

__all__ = ["BundleCheck", "ModelBundle", "PreScoreRun", "Promotion", "Reply", "RunChunk"]
