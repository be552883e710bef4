"""The events of Sign v2. No list of the vendor's is public: the names are those that clients of it read."""

from localsign.core.events import Event

SENDER = "signature-api"  # inferred: documented for the API before this one, on the same platform

_SEEN = "two unrelated code bases that receive it"
EVENTS = (
    Event("signing-session.opened", "client", "a client that receives it", "The signer has opened the link."),
    Event("signing-session.completed", "client", _SEEN, "The signer has signed."),
    Event("package.completed", "client", _SEEN, "A package is ready."),
    Event("package.failed", "client", "a client that receives it", "A package could not be made."),
    Event("signing-session.rejected", text="The signer has rejected."),
    Event("signing-session.expired", text="The due date has passed."),
    Event("signing-session.deleted", text="The session was deleted."),
)
