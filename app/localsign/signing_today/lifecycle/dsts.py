"""The life of a DST (digital signature transaction), of a template, and of what one person has to do in a DST."""

from enum import StrEnum, auto

from localsign.core.machine import Machine, Row

DST_CHANGED = "DST_STATUS_CHANGED"
SIGNATURE_CHANGED = "SIGNATURE_STATUS_CHANGED"


class DstState(StrEnum):
    """The statuses of the vendor (documented), and one that it shows as another. Deletion keeps the status."""

    DRAFT = "draft"
    DOWNLOADING_IN_DRAFT = "downloadingInDraft"
    DOWNLOADING_IN_PUBLISHED = "downloadingInPublished"
    PUBLISHED = "published"
    TO_FILL = "toFill"
    TO_SIGN = "toSign"
    EXPIRED = "expired"
    SIGNED = "signed"
    REJECTED = "rejected"
    ERROR = "error"
    REPLACED = "replaced"  # shown as rejected, with `replacedBy`

    @property
    def shown(self) -> "DstState":
        """What a client sees of it."""
        return DstState.REJECTED if self is DstState.REPLACED else self


STATUSES = tuple(state for state in DstState if state.shown is state)


class DstEvent(StrEnum):
    """What can happen to either; the comments say to which one only."""

    UPDATE = auto()
    ADD_RESOURCE = auto()
    UPDATE_RESOURCE = auto()
    DELETE_RESOURCE = auto()
    PUBLISH = auto()
    ADD_NOTE = auto()
    FINISH_DOWNLOAD = auto()
    FAIL_DOWNLOAD = auto()
    DELETE = auto()
    ASK_TO_FILL = auto()  # a transaction
    FILL = auto()  # a transaction
    ASK_TO_SIGN = auto()  # a transaction
    SIGN = auto()  # a transaction
    COMPLETE = auto()  # a transaction
    DECLINE = auto()  # a transaction
    REPLACE = auto()  # a transaction
    NOTIFY = auto()  # a transaction
    EXPIRE = auto()  # a transaction
    MODIFY = auto()  # a template
    INSTANTIATE = auto()  # a template
    TEMPLATIZE = auto()  # a template


_S, _E = DstState, DstEvent
_DOWNLOADING = {_S.DOWNLOADING_IN_DRAFT, _S.DOWNLOADING_IN_PUBLISHED}
_OF_TEMPLATES = (_E.MODIFY, _E.INSTANTIATE, _E.TEMPLATIZE)
_OF_TRANSACTIONS = (
    *(_E.ASK_TO_FILL, _E.FILL, _E.ASK_TO_SIGN, _E.SIGN, _E.COMPLETE, _E.DECLINE),
    *(_E.REPLACE, _E.NOTIFY, _E.EXPIRE),
)
_OF_BOTH = tuple(event for event in DstEvent if event not in (*_OF_TEMPLATES, *_OF_TRANSACTIONS))

# Documented: the states, creation in draft, publishing and what follows by itself, replace for rejected ones only,
# notify for active ones, TextForms before signatures. Inferred: the rest. Inferred from the 409 that the operations
# list, with the cause of least harm: a DST whose documents are still being fetched cannot be deleted or annotated,
# resources are only changed in draft, and what was replaced is not replaced again. Nothing documents a way out of
# signed, expired or error.
# fmt: off
TRANSACTION = Machine("DST", DstState, (*_OF_BOTH, *_OF_TRANSACTIONS), [
    #   event                from                                          to            announces
    Row(_E.UPDATE,          {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.ADD_RESOURCE,    {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.UPDATE_RESOURCE, {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.DELETE_RESOURCE, {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.PUBLISH,         {_S.DRAFT},                                   _S.PUBLISHED),
    Row(_E.ASK_TO_FILL,     {_S.PUBLISHED},                               _S.TO_FILL,   DST_CHANGED),
    Row(_E.FILL,            {_S.TO_FILL},                                 _S.TO_FILL),
    Row(_E.ASK_TO_SIGN,     {_S.PUBLISHED, _S.TO_FILL},                   _S.TO_SIGN,   DST_CHANGED),
    Row(_E.SIGN,            {_S.TO_SIGN},                                 _S.TO_SIGN),
    Row(_E.COMPLETE,        {_S.TO_SIGN},                                 _S.SIGNED,    DST_CHANGED),
    Row(_E.DECLINE,         {_S.TO_SIGN},                                 _S.REJECTED,  DST_CHANGED),
    Row(_E.REPLACE,         {_S.REJECTED},                                _S.REPLACED),
    Row(_E.NOTIFY,          {_S.TO_FILL},                                 _S.TO_FILL),
    Row(_E.NOTIFY,          {_S.TO_SIGN},                                 _S.TO_SIGN),
    Row(_E.EXPIRE,          {_S.PUBLISHED, _S.TO_FILL, _S.TO_SIGN},       _S.EXPIRED,   DST_CHANGED),
    Row(_E.FINISH_DOWNLOAD, {_S.DOWNLOADING_IN_DRAFT},                    _S.DRAFT),
    Row(_E.FINISH_DOWNLOAD, {_S.DOWNLOADING_IN_PUBLISHED},                _S.PUBLISHED),
    Row(_E.FAIL_DOWNLOAD,   _DOWNLOADING,                                 _S.ERROR,     DST_CHANGED),
    *(Row(_E.ADD_NOTE,      {state},                                      state) for state in DstState
      if state not in _DOWNLOADING),
    *(Row(_E.DELETE,        {state},                                      state) for state in DstState
      if state not in _DOWNLOADING),
], initial=(_S.DRAFT, *sorted(_DOWNLOADING)))

TEMPLATE = Machine("template", (_S.DRAFT, *sorted(_DOWNLOADING), _S.PUBLISHED, _S.ERROR), (*_OF_BOTH, *_OF_TEMPLATES), [
    #   event                from                                          to            announces
    Row(_E.UPDATE,          {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.ADD_RESOURCE,    {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.UPDATE_RESOURCE, {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.DELETE_RESOURCE, {_S.DRAFT},                                   _S.DRAFT),
    Row(_E.PUBLISH,         {_S.DRAFT},                                   _S.PUBLISHED),
    Row(_E.MODIFY,          {_S.PUBLISHED},                               _S.DRAFT),
    Row(_E.INSTANTIATE,     {_S.PUBLISHED},                               _S.PUBLISHED),
    Row(_E.TEMPLATIZE,      {_S.PUBLISHED},                               _S.PUBLISHED),
    Row(_E.FINISH_DOWNLOAD, {_S.DOWNLOADING_IN_DRAFT},                    _S.DRAFT),
    Row(_E.FINISH_DOWNLOAD, {_S.DOWNLOADING_IN_PUBLISHED},                _S.PUBLISHED),
    Row(_E.FAIL_DOWNLOAD,   _DOWNLOADING,                                 _S.ERROR,     DST_CHANGED),
    *(Row(_E.ADD_NOTE,      {state},                                      state)
      for state in (_S.DRAFT, _S.PUBLISHED, _S.ERROR)),
    *(Row(_E.DELETE,        {state},                                      state)
      for state in (_S.DRAFT, _S.PUBLISHED, _S.ERROR)),
], initial=(_S.DRAFT, *sorted(_DOWNLOADING)))
# fmt: on


class TurnState(StrEnum):
    WAITING = "waiting"  # its DST, or a group of signers before it, is not that far
    PENDING = "pending"
    PERFORMED = "performed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # somebody else declined


class TurnEvent(StrEnum):
    ASK = auto()
    PERFORM = auto()
    DECLINE = auto()
    EXPIRE = auto()
    CANCEL = auto()


_T, _F = TurnState, TurnEvent

# Documented in V1: waiting, pending, performed, expired; a webhook at every change. Nothing is said of the signatures
# that a refusal makes superfluous, and the enum of the webhook has no word for them (inferred: no webhook).
# fmt: off
TURN = Machine("signature", TurnState, TurnEvent, [
    #   event        from                          to             announces
    Row(_F.ASK,     {_T.WAITING},                 _T.PENDING,    SIGNATURE_CHANGED),
    Row(_F.PERFORM, {_T.PENDING},                 _T.PERFORMED,  SIGNATURE_CHANGED),
    Row(_F.DECLINE, {_T.PENDING},                 _T.DECLINED,   SIGNATURE_CHANGED),
    Row(_F.EXPIRE,  {_T.WAITING, _T.PENDING},     _T.EXPIRED,    SIGNATURE_CHANGED),
    Row(_F.CANCEL,  {_T.WAITING, _T.PENDING},     _T.CANCELLED),
], initial=_T.WAITING)
# fmt: on

OPEN = (_T.WAITING, _T.PENDING)
