"""What the documentation of Secure Share leaves open, and what localsign does unless told otherwise."""

from localsign.core.switches import Switch

AFTER_EXPIRY = Switch(
    "secure-share.after-expiry",
    default="not_found",
    alternatives=("gone", "readable"),
    source="Documented: after `expires` you and your recipients can't access the share anymore; how is not.",
    text="What the sender meets after a share has expired: 404, 410, or the share with the status "
    "Expired, which can then be read and deleted and nothing else.",
)
COMPLETION = Switch(
    "secure-share.completion",
    default="every_file",
    alternatives=("any_file",),
    source="Inferred: `completedRecipients` has no rule.",
    text="When a recipient has completed: with every file that they may see downloaded, or with the first.",
)
FILE_ACCESS_INFOS = Switch(
    "secure-share.file-access-infos",
    default="downloaded",
    alternatives=("visible",),
    source="Inferred from a sample.",
    text="What `fileAccessInfos` lists: the files that were downloaded, or all that the recipient may see.",
)
LANGUAGE = Switch(
    "secure-share.language",
    default="En",
    alternatives=("No", "Fi", "De", "Fr", "Nl", "Da", "Sv"),
    source="The sample has En; the predecessor's default was No.",
    text="The language of messages to recipients whose `notification` has none.",
)
METHODS = Switch(
    "secure-share.methods",
    default="any",
    alternatives=("first",),
    source="Inferred from 'list of authentication methods'; the predecessor used the first only.",
    text="Which entries of `authentication` let a recipient in: any one of them, or the first.",
)
NULLS = Switch(
    "secure-share.nulls",
    default="keep",
    alternatives=("clear",),
    source="Inferred: in every update body each member is nullable and none is required.",
    text="What null does in an update: it leaves the member as it is, or clears it where it can be empty.",
)
NOTIFY = Switch(
    "secure-share.notify",
    default="at_once",
    alternatives=("with_files",),
    source="Inferred from the advice to add recipients after the files.",
    text="When a recipient is notified: when they are added, or once the share has a file that they may see.",
)
PROVIDERS = Switch(
    "secure-share.identity-providers",
    default="any",
    alternatives=("known",),
    source="The samples have nbid and otp-sms; whether the list is closed is not said.",
    text="Which values of `identityProvider` are accepted: any, or those that a source shows or suggests.",
)
RECIPIENT_URL = Switch(
    "secure-share.recipient-url",
    default="always",
    alternatives=("with_files", "never"),
    source="Null in every sample; the predecessor's description is 'the URL sent to the recipient'.",
    text="When `url` of a recipient is there: always, once they may see a file, or never.",
)
TEMPLATES = Switch(
    "secure-share.templates",
    default="hidden",
    alternatives=("shown",),
    source="`emailTemplate` and `smsTemplate` are in the page of 2026-03 and no more in that of 2026-04.",
    text="Whether `notification` of an answer has the members for templates. They are accepted either way.",
)
UNKNOWN_MEMBERS = Switch(
    "secure-share.unknown-members",
    default="ignore",
    alternatives=("reject",),
    source="Inferred from the vendor's stack, which ignores them.",
    text="What happens with members of a request that its schema does not have.",
)

SWITCHES = (
    AFTER_EXPIRY,
    COMPLETION,
    FILE_ACCESS_INFOS,
    LANGUAGE,
    METHODS,
    NOTIFY,
    NULLS,
    PROVIDERS,
    RECIPIENT_URL,
    TEMPLATES,
    UNKNOWN_MEMBERS,
)
