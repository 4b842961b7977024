from tests.releases import draft, frozen, open_study, settled  # noqa: F401
