"""The servers that come with the product: real PostgreSQL and Redis, started on demand.

Without DATABASE_URL and REDIS_URL every command starts both for its own life, or joins the
ones that a running `up` (or another command) owns. They listen on sockets only, in a folder
that nobody else may enter.
"""

from epochwise.embedded.paths import database_url, redis_url, var_dir
from epochwise.embedded.process import EmbeddedError
from epochwise.embedded.servers import (
    Servers,
    owning_services,
    services_for_command,
    using_services,
)

__all__ = [
    "EmbeddedError",
    "Servers",
    "database_url",
    "owning_services",
    "redis_url",
    "services_for_command",
    "using_services",
    "var_dir",
]
