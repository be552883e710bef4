"""What the documentation of DSTs leaves open, and what localsign does about it by default."""

from localsign.core.switches import Switch

FORM_ORIGIN = Switch(
    "signing-today.form-origin",
    "top-left",
    ("bottom-left",),
    "OAS: percentages of the page, without a corner to count from.",
    "From which corner of the page positionX and positionY of a form count.",
)
TEXT_MEMBER = Switch(
    "signing-today.text-member",
    "text",
    ("value", "content"),
    "OAS and SEED do not show where a TextForm has its text.",
    "The member of a form's extraData that the tray writes a text into. All of them are read.",
)
PUT = Switch(
    "signing-today.put",
    "replace",
    ("merge",),
    "OAS: updates a DST, by a whole DST.",
    "Whether PUT /DST/{id} clears the members that are not sent, or keeps them.",
)
GROUP_SIGNERS = Switch(
    "signing-today.group-signers",
    "by-name",
    ("none",),
    "SEED: a group chosen as signers stands for all its members; no member of Signer says how it is chosen.",
    "Whether a signer without account and e-mail address, whose name is that of a group, stands for its members.",
)
REJECTED_WEBHOOK = Switch(
    "signing-today.rejected-webhook",
    "error",
    ("none", "rejected"),
    "the enum of DST_STATUS_CHANGED has no word for a rejected DST; V1 has the reason `declined`.",
    "What a webhook is told of a rejected DST: `error` with the reason `declined`, nothing, or `rejected`.",
)
WEBHOOK_OWNER = Switch(
    "signing-today.webhook-owner",
    "creator",
    ("domain",),
    "not documented; V1 tells the application whose token made the transaction.",
    "Whose webhooks hear of a DST: those of the robot that made it, or of all robots of its domain.",
)
CREATION_STATUS = Switch(
    "signing-today.creation-status",
    "enum",
    ("sample",),
    "OAS: the enum of CreateDigitalSignatureTransaction.status is draft and published, its sample is toSign.",
    "Whether the status toSign is refused where a DST is made in one call, or means published.",
)
TEMPLATE_FLAG = Switch(
    "signing-today.template-flag",
    "is-template",
    ("made-from-template",),
    "OAS: the text of the member says that the DST was made from a template, the text of its creation that it is one.",
    "Whether `template` is false for what was made from a template, or true; what is sent of it then changes nothing.",
)
THUMBS = Switch(
    "signing-today.thumbs",
    "jpeg",
    ("raw",),
    "OAS declares image/jpeg; SEED calls the answer a raw string.",
    "The media type of a page's picture: image/jpeg, or application/octet-stream as for files. It is a JPEG in both.",
)

SWITCHES = (
    FORM_ORIGIN,
    TEXT_MEMBER,
    PUT,
    GROUP_SIGNERS,
    REJECTED_WEBHOOK,
    WEBHOOK_OWNER,
    CREATION_STATUS,
    TEMPLATE_FLAG,
    THUMBS,
)
