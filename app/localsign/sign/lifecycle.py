"""Every state that a thing of Sign v2 can be in, and every way out of it."""

from enum import StrEnum, auto

from localsign.core.machine import Machine, Row


class SessionState(StrEnum):
    BLOCKED = "BLOCKED"  # an earlier session must be signed first
    READY = "READY"
    SIGNED = "SIGNED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"  # never on the wire: the vendor has no such state, so the API answers 404
    DELETED = "DELETED"  # never on the wire


class SessionEvent(StrEnum):
    UNBLOCK = auto()  # the last of the sessions before it was signed
    OPEN = auto()  # the signer opened the link
    SIGN = auto()
    REJECT = auto()
    CANCEL = auto()  # the signer left
    FAIL = auto()  # the eID, or something technical, failed the signer
    EXPIRE = auto()  # the due date passed
    DELETE = auto()


_S, _E = SessionState, SessionEvent

# Source: spec of the life cycle, 4.1. Documented: SIGN, REJECT, DELETE; inferred: the others. CANCEL and FAIL leave
# the session READY because the vendor calls only rejection permanent, and has no state for the other two.
# fmt: off
SESSION = Machine("signing session", SessionState, SessionEvent, [
    #   event        from                                           to            announces
    Row(_E.UNBLOCK, {_S.BLOCKED},                                   _S.READY),
    Row(_E.OPEN,    {_S.READY},                                     _S.READY,    "signing-session.opened"),
    Row(_E.SIGN,    {_S.READY},                                     _S.SIGNED,   "signing-session.completed"),
    Row(_E.REJECT,  {_S.READY},                                     _S.REJECTED, "signing-session.rejected"),
    Row(_E.CANCEL,  {_S.READY},                                     _S.READY),
    Row(_E.FAIL,    {_S.READY},                                     _S.READY),
    Row(_E.EXPIRE,  {_S.BLOCKED, _S.READY},                         _S.EXPIRED,  "signing-session.expired"),
    Row(_E.DELETE,  {_S.BLOCKED, _S.READY, _S.SIGNED, _S.REJECTED}, _S.DELETED,  "signing-session.deleted"),
], initial=(_S.BLOCKED, _S.READY))
# fmt: on


class DocumentState(StrEnum):
    UNASSIGNED = "UNASSIGNED"  # in no signing session: lives 30 minutes
    ASSIGNED = "ASSIGNED"  # lives as long as its sessions, or is a result of one
    RELEASED = "RELEASED"  # went with its session; a client that deletes it as well is not told off
    DELETED = "DELETED"  # soft-deleted; its bytes go seven days later


class DocumentEvent(StrEnum):
    READ = auto()
    DESCRIBE = auto()  # change the metadata
    ASSIGN = auto()
    RELEASE = auto()  # its last session was deleted
    EXPIRE = auto()  # 30 minutes without a session, or the due date of its last session
    DELETE = auto()


_D, _F = DocumentState, DocumentEvent

# Source: documented (retention and deletion); that a released document can still be deleted is inferred from the
# vendor's SDK tests, which delete session, collection and document in this order.
# fmt: off
DOCUMENT = Machine("document", DocumentState, DocumentEvent, [
    #   event         from                                         to
    Row(_F.READ,     {_D.UNASSIGNED},                              _D.UNASSIGNED),
    Row(_F.READ,     {_D.ASSIGNED},                                _D.ASSIGNED),
    Row(_F.DESCRIBE, {_D.UNASSIGNED},                              _D.UNASSIGNED),
    Row(_F.DESCRIBE, {_D.ASSIGNED},                                _D.ASSIGNED),
    Row(_F.ASSIGN,   {_D.UNASSIGNED, _D.ASSIGNED},                 _D.ASSIGNED),
    Row(_F.RELEASE,  {_D.ASSIGNED},                                _D.RELEASED),
    Row(_F.EXPIRE,   {_D.UNASSIGNED, _D.ASSIGNED},                 _D.DELETED),
    Row(_F.DELETE,   {_D.UNASSIGNED, _D.ASSIGNED, _D.RELEASED},    _D.DELETED),
], initial=(_D.UNASSIGNED, _D.ASSIGNED))
# fmt: on


class CollectionState(StrEnum):
    OPEN = "OPEN"
    PACKAGING = "PACKAGING"  # every session is signed; the package is being made
    PACKAGED = "PACKAGED"  # closed: no session can be added
    DELETED = "DELETED"


class CollectionEvent(StrEnum):
    ADD_SESSION = auto()
    PACKAGE = auto()
    FINISH = auto()  # the package is ready
    REOPEN = auto()  # the package failed
    DELETE = auto()


_C, _G = CollectionState, CollectionEvent

# Source: documented that a collection is packaged, and closed, when its sessions are signed; the rest inferred.
# fmt: off
COLLECTION = Machine("document collection", CollectionState, CollectionEvent, [
    #   event            from                                    to
    Row(_G.ADD_SESSION, {_C.OPEN},                               _C.OPEN),
    Row(_G.PACKAGE,     {_C.OPEN},                               _C.PACKAGING),
    Row(_G.FINISH,      {_C.PACKAGING},                          _C.PACKAGED),
    Row(_G.REOPEN,      {_C.PACKAGING},                          _C.OPEN),
    Row(_G.DELETE,      {_C.OPEN, _C.PACKAGING, _C.PACKAGED},    _C.DELETED),
], initial=_C.OPEN)
# fmt: on


class PackageState(StrEnum):
    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class PackageEvent(StrEnum):
    COMPLETE = auto()
    FAIL = auto()


_P, _H = PackageState, PackageEvent

# Source: the two event names are shown by client code.
# fmt: off
PACKAGE = Machine("package", PackageState, PackageEvent, [
    #   event         from          to             announces
    Row(_H.COMPLETE, {_P.PENDING}, _P.COMPLETED, "package.completed"),
    Row(_H.FAIL,     {_P.PENDING}, _P.FAILED,    "package.failed"),
], initial=_P.PENDING)
# fmt: on

VISIBLE = (_S.BLOCKED, _S.READY, _S.SIGNED, _S.REJECTED)
FINAL = (_S.SIGNED, _S.REJECTED)  # for the API; both can still be deleted
READABLE = (_D.UNASSIGNED, _D.ASSIGNED)
