"""Model bundles as folders: read, check and hash them without loading the model."""

from inference.bundles.checkpoint import BundleError
from inference.bundles.reading import FILE_NAME, BundleSpec, read_bundle

BUILT_IN_RULES = "rules"
BUILT_IN_SLEEPVLM = "sleepvlm-nano"
BUILT_IN = (BUILT_IN_RULES, BUILT_IN_SLEEPVLM, "yasa")
__all__ = [
    "BUILT_IN",
    "BUILT_IN_RULES",
    "BUILT_IN_SLEEPVLM",
    "FILE_NAME",
    "BundleError",
    "BundleSpec",
    "read_bundle",
]
