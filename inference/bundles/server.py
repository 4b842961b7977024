"""The ``[server]`` part of a bundle: which model is asked for, and how. Never where, nor the key.

Addresses and keys belong to the machine a worker runs on, so they come from its environment; a
bundle folder can be handed on without them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inference.bundles.checkpoint import BundleError
from inference.bundles.table import Table

SERVERS_VARIABLE = "MODEL_SERVERS"
_VARIABLE = re.compile(SERVERS_VARIABLE + r"(_[A-Z0-9]+)*")


@dataclass(frozen=True)
class ServerSpec:
    """How an OpenAI-compatible server is asked.

    Parameters
    ----------
    model : str
        The name the server knows the model by.
    addresses_in : str
        Environment variable of the worker that lists the addresses.
    concurrency : int
        Requests on their way at once, from one worker.
    timeout_s : int
        Patience with one request, from sending it to the last byte of the answer.
    guided : bool
        Ask for replies bound to the published form, where the server can.
    """

    model: str
    addresses_in: str = SERVERS_VARIABLE
    concurrency: int = 16
    timeout_s: int = 120
    guided: bool = True


def read_server(section: Table, where: str) -> ServerSpec | None:
    """Read ``[server]``; None where the bundle has none."""
    if section.is_empty:
        return None
    spec = ServerSpec(
        model=section.text("model"),
        addresses_in=section.text("addresses_in", ServerSpec.addresses_in),
        concurrency=section.number("concurrency", ServerSpec.concurrency, 256),
        timeout_s=section.number("timeout_s", ServerSpec.timeout_s, 3600),
        guided=section.flag("guided", ServerSpec.guided),
    )
    section.refuse_unknown()
    # Any other variable could be a secret, and would be sent out as an address.
    if not _VARIABLE.fullmatch(spec.addresses_in):
        raise BundleError(
            f"“addresses_in” is “{spec.addresses_in[:60]}”",
            where=where,
            advice=f"Use {SERVERS_VARIABLE}, or a name that starts with {SERVERS_VARIABLE}_.",
        )
    return spec
