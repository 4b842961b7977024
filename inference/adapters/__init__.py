"""Adapters get replies from models. Each is a folder, listed in ``table``, loaded when needed.

This package does not import Django, and importing it imports no model library.
"""

from inference.adapters.protocol import (
    Adapter,
    AdapterAwayError,
    Grounding,
    NightToScore,
    RawReply,
)
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
    "Grounding",
    "NightToScore",
    "RawReply",
    "install_hint",
    "installed_adapters",
    "is_installed",
    "is_stage_only",
    "load_adapter",
]
