"""What the documentation of Sign v2 leaves open, and what localsign does unless told otherwise."""

from localsign.core.switches import Switch

UNKNOWN_MEMBERS = Switch(
    "sign.unknown-members",
    default="reject",
    alternatives=("ignore",),
    source="Undocumented. The schemas list their members and say nothing of others.",
    text="What Sign does with members of a request that its schema does not have.",
)
URL_RENEWAL = Switch(
    "sign.url-renewal",
    default="on_read",
    alternatives=("never",),
    source="Undocumented. The link is documented to expire, a new one is not documented to be asked for.",
    text="Whether reading a session renews a signature URL that has expired.",
)
CLOSED_COLLECTION = Switch(
    "sign.closed-collection",
    default="refuse",
    alternatives=("accept",),
    source="Documented: a packaged collection is closed. Undocumented: what a session on it is answered.",
    text="Whether a session on a collection that has been packaged is refused with 400, or made.",
)
DOCUMENT_HASH = Switch(
    "sign.document-hash",
    default="hex",
    alternatives=("base64",),
    source="Undocumented. The member is documented as a string beside `hashAlgorithm: SHA256`.",
    text="How `documentHash.hash` is written: lower-case hexadecimal digits, or base64.",
)
EMPTY_TITLE = Switch(
    "sign.empty-title",
    default="accept",
    alternatives=("refuse",),
    source="Undocumented. The title is documented as required, at most 255 characters; no least length is given.",
    text="Whether a session may have an empty title.",
)
MARKDOWN = Switch(
    "sign.markdown",
    default="accept",
    alternatives=("refuse",),
    source="A platform that wraps the API sends it; the reference lists PDF and plain text.",
    text="Whether a document of type text/markdown can be uploaded.",
)
PKI_VENDOR = Switch(
    "sign.pki-vendor",
    default="required",
    alternatives=("optional",),
    source="Undocumented. Every sample of PKISIGNING has a vendor; the schema does not require it.",
    text="Whether a session with PKISIGNING needs a vendor.",
)
SIGNED_AFTER_DUE = Switch(
    "sign.signed-after-due",
    default="readable",
    alternatives=("gone",),
    source="Documented: documents go at the due date. Undocumented: whether a signed or rejected session does.",
    text="What reading a signed or rejected session answers after its due date: the session, or 404.",
)
UNSUPPORTED_MEDIA_TYPE = Switch(
    "sign.unsupported-media-type",
    default="400",
    alternatives=("415",),
    source="Undocumented. The reference lists 400 and no 415 for the upload.",
    text="The status for an upload of a media type that is not accepted.",
)

SWITCHES = (
    UNKNOWN_MEMBERS,
    URL_RENEWAL,
    CLOSED_COLLECTION,
    DOCUMENT_HASH,
    EMPTY_TITLE,
    MARKDOWN,
    PKI_VENDOR,
    SIGNED_AFTER_DUE,
    UNSUPPORTED_MEDIA_TYPE,
)
