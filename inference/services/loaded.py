"""The adapter this worker process has loaded. One at a time: a model may fill the card."""

from inference.adapters import Adapter, load_adapter
from inference.models import ModelBundle
from inference.services.bundles import load_spec

_kept: dict[int, Adapter] = {}


def adapter_of(bundle: ModelBundle) -> Adapter:
    """Return the bundle's adapter, loaded at the first call; raises BundleError."""
    if bundle.pk not in _kept:
        _kept.clear()
        _kept[bundle.pk] = load_adapter(load_spec(bundle))
    return _kept[bundle.pk]
