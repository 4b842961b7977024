"""The cache: Redis, and the memory of the process while Redis does not answer.

It holds what may be lost, such as the attempts to sign in of the last minutes. People can sign in
without Redis; their attempts are then counted by each process alone.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

ANSWERS_WITHIN_S = 1.0
TRIED_AGAIN_AFTER_S = 10.0


class JsonSerializer:
    """JSON instead of pickle: who can write to Redis can run no code here."""

    def dumps(self, value: Any) -> bytes | int:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


class SteadyRedisCache(RedisCache):
    """Redis with a memory to fall back on."""

    # Of all threads, which have an instance each.
    _away_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        params.setdefault("OPTIONS", {}).update(
            serializer=JsonSerializer,
            socket_timeout=ANSWERS_WITHIN_S,
            socket_connect_timeout=ANSWERS_WITHIN_S,
            retry=Retry(NoBackoff(), 0),
        )
        super().__init__(server, params)
        self._memory = LocMemCache("while Redis is away", {})

    def _either(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SteadyRedisCache._away_until:
            try:
                return getattr(super(), method)(*args, **kwargs)
            except (RedisError, OSError) as error:
                SteadyRedisCache._away_until = time.monotonic() + TRIED_AGAIN_AFTER_S
                logger.warning("Redis does not answer, counting in memory: %s", error)
        return getattr(self._memory, method)(*args, **kwargs)


def _with_fallback(method: str) -> Callable[..., Any]:
    def call(self: SteadyRedisCache, *args: Any, **kwargs: Any) -> Any:
        return self._either(method, *args, **kwargs)

    return call


_ONE_KEY = ("add", "get", "set", "touch", "delete", "has_key", "incr")
_MANY_KEYS = ("get_many", "set_many", "delete_many", "clear")
for _method in _ONE_KEY + _MANY_KEYS:
    setattr(SteadyRedisCache, _method, _with_fallback(_method))
