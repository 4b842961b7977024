"""Ways to get replies: one folder an adapter, named in one table, loaded where it is used.

Nothing here knows Django, and importing this package imports no model library.
"""

from inference.adapters.protocol import Adapter, AdapterAwayError, NightToScore, RawReply
from inference.adapters.table import (
    ADAPTERS,
    install_hint,
    installed_adapters,
    is_installed,
    is_stage_only,
    load_adapter,
)

__all__ = [
    "ADAPTERS",
    "Adapter",
    "AdapterAwayError",
    "NightToScore",
    "RawReply",
    "install_hint",
    "installed_adapters",
    "is_installed",
    "is_stage_only",
    "load_adapter",
]
