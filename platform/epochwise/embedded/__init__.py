"""Embedded servers: PostgreSQL and Redis, started when needed.

Without DATABASE_URL and REDIS_URL every command starts both servers and stops them at its end, or
uses those of a running `up` or of another command. The servers listen on sockets only, in a
folder that no other account can open.
"""

from epochwise.embedded.paths import (
    EmbeddedError,
    data_dir,
    database_url,
    make_var,
    redis_url,
    var_dir,
)
from epochwise.embedded.servers import (
    Servers,
    embedded_in_use,
    owning_services,
    services_for_command,
    using_services,
)

__all__ = [
    "EmbeddedError",
    "Servers",
    "data_dir",
    "database_url",
    "embedded_in_use",
    "make_var",
    "owning_services",
    "redis_url",
    "services_for_command",
    "using_services",
    "var_dir",
]
