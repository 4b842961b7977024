"""The repetition penalty of a bundle, sent so that a server decodes as the in-process adapter does.

Without the field, vLLM takes the penalty of the checkpoint, such as 1.05; so 1 is sent too.
"""

from __future__ import annotations

from inference.adapters.openai.chat import ChatClient, Completion, NoReplyError
from inference.adapters.openai.servers import Rota
from inference.adapters.protocol import JsonObject
from inference.bundles import BundleError

FIELD = "repetition_penalty"
BY_SERVER = "as the server sets it"


class PenalisedClient(ChatClient):
    """Sends the penalty with each request, unless a server does not know the field.

    Such a server may be used if the penalty is 1: its own applies then, and the run shows it.
    """

    def __init__(
        self, rota: Rota, *, timeout_s: float, penalty: float, is_accepted: bool = True
    ) -> None:
        super().__init__(rota, timeout_s=timeout_s)
        self._penalty = penalty
        self.is_accepted = is_accepted

    def complete(self, body: JsonObject) -> Completion:
        if not self.is_accepted:
            return super().complete(body)
        try:
            return super().complete({**body, FIELD: self._penalty})
        except NoReplyError as error:
            if not (error.refused and FIELD in error.text):
                raise
        if self._penalty != 1:
            raise BundleError(
                f"The server does not accept {FIELD} = {self._penalty:g}",
                advice="Use a server that accepts it, such as vLLM, or set it to 1.",
            )
        self.is_accepted = False
        return super().complete(body)
