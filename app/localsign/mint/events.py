"""The events of Mint. Documented: sender and names; inferred: their data. No event of a journey is known."""

from localsign.core.events import Event

SENDER = "mint-api"

_LIST = "the vendor's overview of events"
EVENTS = (
    Event("create_event", "documented", _LIST, "A workflow was created."),
    Event("save_event", "documented", _LIST, "A workflow was saved."),
    Event("delete_event", "documented", _LIST, "A workflow was deleted."),
)
