"""What a reset can empty."""

from enum import StrEnum, auto


class Scope(StrEnum):
    DATA = auto()  # what the APIs keep: objects, their bytes, what is due
    JOURNAL = auto()  # what was asked and answered
    FAULTS = auto()  # scripted failures and rate limits
    OUTBOX = auto()  # messages to people, events and webhooks
    CLOCK = auto()  # time itself
    SETTINGS = auto()  # lags, switches and other choices; emptied by a reset of everything only


USUAL = frozenset({Scope.DATA, Scope.JOURNAL, Scope.FAULTS, Scope.OUTBOX, Scope.CLOCK})
ALL = frozenset(Scope)
