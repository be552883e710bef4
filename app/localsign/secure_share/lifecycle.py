"""Every state that a share and a recipient can be in, and every way out of it."""

from enum import StrEnum, auto

from localsign.core.machine import Machine, Row


class ShareState(StrEnum):
    ACTIVE = "Active"  # the only state that the vendor's samples show
    COMPLETED = "Completed"  # every recipient has fetched everything that is meant for them
    EXPIRED = "Expired"
    DELETED = "Deleted"  # never on the wire, and never kept: the row goes with everything in the share


class ShareEvent(StrEnum):
    CHANGE = auto()  # the share itself, its recipients or its files
    DOWNLOAD = auto()  # a recipient comes to fetch something
    COMPLETE = auto()
    REOPEN = auto()  # a completed share got a file or a recipient with something left to fetch
    EXPIRE = auto()
    DELETE = auto()


_S, _E = ShareState, ShareEvent

# Documented: Active, that after `expires` neither side has access, and deletion. Inferred: all other states and rows.
# The names of the events are invented: no source that we know names one of Secure Share.
# fmt: off
SHARE = Machine("share", ShareState, ShareEvent, [
    #   event         from                                  to             announces
    Row(_E.CHANGE,   {_S.ACTIVE},                           _S.ACTIVE),
    Row(_E.CHANGE,   {_S.COMPLETED},                        _S.COMPLETED),
    Row(_E.DOWNLOAD, {_S.ACTIVE},                           _S.ACTIVE),
    Row(_E.DOWNLOAD, {_S.COMPLETED},                        _S.COMPLETED),
    Row(_E.COMPLETE, {_S.ACTIVE},                           _S.COMPLETED,  "share.completed"),
    Row(_E.REOPEN,   {_S.COMPLETED},                        _S.ACTIVE),
    Row(_E.EXPIRE,   {_S.ACTIVE, _S.COMPLETED},             _S.EXPIRED,    "share.expired"),
    Row(_E.DELETE,   {_S.ACTIVE, _S.COMPLETED, _S.EXPIRED}, _S.DELETED,    "share.deleted"),
], initial=_S.ACTIVE)
# fmt: on


class RecipientState(StrEnum):
    INVITED = "Invited"
    LOGGED_IN = "LoggedIn"
    DOWNLOADED = "Downloaded"  # has fetched everything: counts in `completedRecipients`
    DELETED = "Deleted"  # never kept: the row goes


class RecipientEvent(StrEnum):
    CHANGE = auto()  # by the sender
    REMIND = auto()
    OPEN = auto()  # the recipient opened the link
    LOG_IN = auto()
    FAIL = auto()  # a wrong code, a wrong person, or an eID that did not work
    DOWNLOAD = auto()  # one file
    COMPLETE = auto()  # nothing is left to fetch
    REOPEN = auto()  # there is something to fetch again
    DELETE = auto()


_R, _F = RecipientState, RecipientEvent

# Inferred throughout: the API shows no state of a recipient, only `loggedInTime` and `fileAccessInfos`.
# fmt: off
RECIPIENT = Machine("recipient", RecipientState, RecipientEvent, [
    #   event         from                                        to              announces
    Row(_F.CHANGE,   {_R.INVITED},                                _R.INVITED),
    Row(_F.CHANGE,   {_R.LOGGED_IN},                              _R.LOGGED_IN),
    Row(_F.CHANGE,   {_R.DOWNLOADED},                             _R.DOWNLOADED),
    Row(_F.REMIND,   {_R.INVITED},                                _R.INVITED),
    Row(_F.REMIND,   {_R.LOGGED_IN},                              _R.LOGGED_IN),
    Row(_F.OPEN,     {_R.INVITED},                                _R.INVITED),
    Row(_F.OPEN,     {_R.LOGGED_IN},                              _R.LOGGED_IN),
    Row(_F.OPEN,     {_R.DOWNLOADED},                             _R.DOWNLOADED),
    Row(_F.LOG_IN,   {_R.INVITED, _R.LOGGED_IN},                  _R.LOGGED_IN,   "recipient.authenticated"),
    Row(_F.LOG_IN,   {_R.DOWNLOADED},                             _R.DOWNLOADED,  "recipient.authenticated"),
    Row(_F.FAIL,     {_R.INVITED},                                _R.INVITED),
    Row(_F.FAIL,     {_R.LOGGED_IN},                              _R.LOGGED_IN),
    Row(_F.FAIL,     {_R.DOWNLOADED},                             _R.DOWNLOADED),
    Row(_F.DOWNLOAD, {_R.LOGGED_IN},                              _R.LOGGED_IN),
    Row(_F.DOWNLOAD, {_R.DOWNLOADED},                             _R.DOWNLOADED),
    Row(_F.COMPLETE, {_R.LOGGED_IN},                              _R.DOWNLOADED),
    Row(_F.REOPEN,   {_R.DOWNLOADED},                             _R.LOGGED_IN),
    Row(_F.DELETE,   {_R.INVITED, _R.LOGGED_IN, _R.DOWNLOADED},   _R.DELETED),
], initial=_R.INVITED)
# fmt: on

OPEN = (_S.ACTIVE, _S.COMPLETED)  # the sender and the recipients have access
