"""Times as people read them in a report."""

from datetime import UTC, datetime, timedelta


def short(at: datetime | None) -> str:
    """A moment in UTC, to the second."""
    return "" if at is None else at.astimezone(UTC).isoformat(" ", "seconds")[:19]


def lasted(start: datetime, end: datetime | None) -> str:
    """How long something took, in its two largest units; nothing where it has not ended."""
    if end is None:
        return ""
    return spelled(end - start)


def spelled(length: timedelta) -> str:
    seconds = max(0.0, length.total_seconds())
    if seconds < 60:
        return f"{seconds:.3g} s" if seconds < 10 else f"{seconds:.0f} s"
    days, rest = divmod(int(seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(place for place, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)
