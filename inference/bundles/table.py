"""Read a TOML table key by key, with a plain word for each thing that can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inference.bundles.checkpoint import BundleError


class Table:
    """A TOML table that is read key by key, and knows which keys nobody asked for."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = values
        self._where = where
        self._asked: set[str] = set()

    @property
    def is_empty(self) -> bool:
        return not self._values

    def _get(self, key: str, kind: type, default: Any) -> Any:
        self._asked.add(key)
        value = self._values.get(key, default)
        if value is None:
            raise BundleError(f"“{key}” is missing", where=self._where, advice="Add it.")
        if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
            raise BundleError(f"“{key}” has the wrong type", where=self._where)
        return value

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._get(key, str, default)).strip()

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._get(key, bool, default))

    def number(self, key: str, default: int, most: int, *, least: int = 1) -> int:
        value = int(self._get(key, int, default))
        if not least <= value <= most:
            raise BundleError(f"“{key}” must be {least} to {most}", where=self._where)
        return value

    def decimal(self, key: str, default: float) -> float:
        """A number that may be written with or without a point."""
        if isinstance(self._values.get(key), int):
            return float(self.number(key, 0, 2**53, least=-(2**53)))
        return float(self._get(key, float, default))

    def choice(self, key: str, options: list[str], default: str) -> str:
        value = self.text(key, default)
        if value not in options:
            raise BundleError(
                f"“{key}” is “{value}”", where=self._where, advice="Use " + " or ".join(options)
            )
        return value

    def texts(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        values = self._get(key, list, list(default))
        if not all(isinstance(value, str) for value in values):
            raise BundleError(f"“{key}” must be a list of texts", where=self._where)
        return tuple(values)

    def table(self, key: str) -> Table:
        return Table(self._get(key, dict, {}), f"{self._where} [{key}]")

    def tables(self, key: str) -> list[Mapping[str, Any]]:
        values = self._get(key, list, [])
        if not all(isinstance(value, dict) for value in values):
            raise BundleError(f"“{key}” must be a list of tables", where=self._where)
        return list(values)

    def refuse_unknown(self) -> None:
        unknown = sorted(set(self._values) - self._asked)
        if unknown:
            raise BundleError(
                "Unknown keys: " + ", ".join(unknown),
                where=self._where,
                advice="A misspelt setting would be ignored in silence; remove or correct it.",
            )
