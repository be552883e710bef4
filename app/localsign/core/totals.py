"""How many rows a query has in all, which every page of a list tells."""

from collections.abc import Callable, Hashable


class Totals:
    """How many rows a query has in all, kept until one of its tables is written to."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[frozenset[str], int]] = {}

    def of(self, key: Hashable, tables: frozenset[str], count: Callable[[], int]) -> int:
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) > 500:  # filters with ever new values must not fill the memory
                self._kept.clear()
            kept = self._kept[key] = tables, count()
        return kept[1]

    def forget(self, touched: set[str] | None = None) -> None:
        """Forget what depends on the `touched` tables, or everything."""
        if touched is None:
            self._kept.clear()
        else:
            self._kept = {key: kept for key, kept in self._kept.items() if not kept[0] & touched}
