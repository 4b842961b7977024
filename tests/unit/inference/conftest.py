from tests.prescoring import (  # noqa: F401
    make_night,
    night,
    rules_bundle,
    taught,
    taught_bundle,
    tiny_bundle,
)
