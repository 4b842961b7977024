from tests.model_server import server, start_server  # noqa: F401
from tests.prescoring import (  # noqa: F401
    make_night,
    night,
    rules_bundle,
    taught,
    taught_bundle,
    tiny_bundle,
)
