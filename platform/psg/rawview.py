"""How the derivations are made from a raw store, for looking at them with other filters or none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from psg.filters import filters_for
from psg.montage import DerivationSource, find_derivations
from psg.signalstore import StoredChannel, StoreHeader

VOLTAGE_UNITS = ("", "uV", "mV", "V", "nV")


def raw_derivations(header: StoreHeader, wanted: Collection[str]) -> list[dict[str, Any]]:
    """Name the channels and the filters of each wanted derivation.

    Parameters
    ----------
    header
        Of the raw store.
    wanted
        Names of the derivations of the scored store; others are left out.

    Returns
    -------
    list of dict
        ``name``, ``positive`` and ``negative`` (channels of the store, the second may be None),
        ``band`` and ``mains``: rows of b0 b1 b2 a0 a1 a2; ``mains`` is empty where the sampling
        rate has no room for the notch.
    """
    labels = [c.name if c.unit in VOLTAGE_UNITS else "" for c in header.channels]
    found = find_derivations(labels).found.values()
    return [_told(source, header.channels) for source in found if source.derivation in wanted]


def _told(source: DerivationSource, channels: tuple[StoredChannel, ...]) -> dict[str, Any]:
    positive = channels[source.positive]
    band, *mains = filters_for(positive.sfreq_hz, source.derivation)
    return {
        "name": source.derivation.value,
        "positive": positive.name,
        "negative": None if source.negative is None else channels[source.negative].name,
        "band": band.tolist(),
        "mains": mains[0].tolist() if mains else [],
    }
