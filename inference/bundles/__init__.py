"""Model bundles as folders: read, checked and hashed without touching the model itself."""

from inference.bundles.errors import BundleError
from inference.bundles.reading import FILE_NAME, BundleSpec, read_bundle

BUILT_IN_RULES = "rules"

__all__ = ["BUILT_IN_RULES", "FILE_NAME", "BundleError", "BundleSpec", "read_bundle"]
