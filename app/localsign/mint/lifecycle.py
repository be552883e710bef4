"""Every state that a thing of Mint can be in, and every way out of it. Each API spells them its own way."""

from enum import StrEnum, auto

from localsign.core.machine import Machine, Row


class JourneyState(StrEnum):
    IDLE = "IDLE"  # made, not begun
    RUNNING = "RUNNING"  # the engine is at work, or was when the process ended
    SUSPENDED = "SUSPENDED"  # waits for somebody at one step at least
    FINISHED = "FINISHED"
    FAULTED = "FAULTED"
    CANCELLED = "CANCELLED"


class JourneyEvent(StrEnum):
    BEGIN = auto()
    SUSPEND = auto()  # nothing is left to run, and a step waits
    RESUME = auto()  # what a step waited for has come
    FINISH = auto()  # nothing is left to run, and nothing waits; or a Finish step ran
    FAIL = auto()
    CANCEL = auto()


_S, _E = JourneyState, JourneyEvent

# Source: the life cycle of an Elsa 2 workflow instance, which the documented states are those of (inferred).
# fmt: off
JOURNEY = Machine("journey", JourneyState, JourneyEvent, [
    #   event         from                                 to
    Row(_E.BEGIN,    {_S.IDLE},                            _S.RUNNING),
    Row(_E.SUSPEND,  {_S.RUNNING},                         _S.SUSPENDED),
    Row(_E.RESUME,   {_S.SUSPENDED},                       _S.RUNNING),
    Row(_E.FINISH,   {_S.RUNNING},                         _S.FINISHED),
    Row(_E.FAIL,     {_S.RUNNING},                         _S.FAULTED),
    Row(_E.CANCEL,   {_S.IDLE, _S.RUNNING, _S.SUSPENDED},  _S.CANCELLED),
], initial=_S.IDLE)
# fmt: on


class VersionState(StrEnum):
    DRAFT = "DRAFT"  # not published: never was, or no more
    PUBLISHED = "PUBLISHED"  # the one that journeys start from; a workflow has one at most


class VersionEvent(StrEnum):
    SAVE = auto()  # written over
    PUBLISH = auto()
    UNPUBLISH = auto()
    SUPERSEDE = auto()  # another version was published


_V, _F = VersionState, VersionEvent

# Source: Elsa 2's publisher (inferred). Saving over a published version makes a new one instead.
# fmt: off
VERSION = Machine("workflow version", VersionState, VersionEvent, [
    #   event          from            to
    Row(_F.SAVE,      {_V.DRAFT},      _V.DRAFT),
    Row(_F.PUBLISH,   {_V.DRAFT},      _V.PUBLISHED),
    Row(_F.UNPUBLISH, {_V.PUBLISHED},  _V.DRAFT),
    Row(_F.SUPERSEDE, {_V.PUBLISHED},  _V.DRAFT),
], initial=_V.DRAFT)
# fmt: on
