from tests.releases import draft, frozen, open_study, settled  # noqa: F401
from tests.training_runs import configure, tiny_base, training_cache  # noqa: F401
