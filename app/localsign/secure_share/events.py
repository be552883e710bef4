"""The events of Secure Share. The vendor points its readers to the Events service, and no source names one of them."""

from localsign.core.events import Event

SENDER = "secure-share-api"  # invented, in the form of the senders that are documented

EVENTS = (
    Event("share.created", text="A share was created."),
    Event("recipient.authenticated", text="A recipient has shown who they are."),
    Event("recipient.downloaded", text="A recipient has downloaded a file."),
    Event("share.completed", text="Every recipient has downloaded everything that they may see."),
    Event("share.expired", text="The expiry of a share has passed."),
    Event("share.deleted", text="A share was deleted."),
)
