"""The undocumented choices of Mint that a user may make otherwise."""

from datetime import timedelta

from localsign.core.switches import Switch
from localsign.lags import parse_duration

AUTO_PUBLISH = Switch(
    "mint.auto-publish",
    default="on",
    alternatives=("off",),
    source="undocumented: the newer API has a start operation and no publish operation.",
    text="Whether creating or updating a workflow by the newer API publishes it.",
)
EXTENSIONS = Switch(
    "mint.extensions",
    default="on",
    alternatives=("off",),
    source="ours: operations that the reference does not show, such as publish, delete and file download.",
    text="Whether the operations that the newer API is not known to have are there; off is strict.",
)
UNKNOWN_STEP_TYPES = Switch(
    "mint.unknown-step-types",
    default="accept",
    alternatives=("reject",),
    source="undocumented: no source prints the names of step types.",
    text="Whether a workflow may have steps of a type that localsign does not know; such a step faults when it runs.",
)
AUTOMATIC_CANCEL = Switch(
    "mint.automatic-cancel",
    default="P30D",
    alternatives=("P1D", "P7D", "P90D", "never"),
    source="documented that active journeys are cancelled after a limit; the limit is not.",
    text="How long a journey may stay active before it is cancelled.",
)
RETURN_URL_LIFE = Switch(
    "mint.return-url-life",
    default="PT60S",
    alternatives=("PT10M", "PT1H", "P1D"),
    source="documented: return URLs live 60 seconds by default, which a real signer often exceeds.",
    text="How long the address lives that brings a browser back from signing; a step may say otherwise.",
)
ZERO_TTL = Switch(
    "mint.zero-ttl",
    default="expired",
    alternatives=("default",),
    source="undocumented: a timeToLive of 0 is allowed, its meaning is not given.",
    text="What a timeToLive of 0 gives: a URL that has expired, or one of the default 60 seconds.",
)
NOTHING_PUBLISHED = Switch(
    "mint.nothing-published",
    default="404",
    alternatives=("409",),
    source="undocumented; Elsa 2 finds nothing that could be started.",
    text="The answer to starting a workflow without a published version.",
)

CSV_BOM = Switch(
    "mint.csv-bom",
    default="off",
    alternatives=("on",),
    source="undocumented: the reference shows no CSV report.",
    text="Whether CSV reports of v1 begin with a byte order mark, by which spreadsheets know UTF-8.",
)
FORM_FILES = Switch(
    "mint.form-files",
    default="list",
    alternatives=("zip",),
    source="undocumented: the reference has an operation for all files of a form and shows no answer.",
    text="What v1 gives for all files of a submission: a list of them, or a zip archive.",
)
LISTS = Switch(
    "mint.v1-lists",
    default="page",
    alternatives=("array",),
    source="undocumented: v1 lists take offset and limit, and show no answer; the newer API answers with an envelope.",
    text="Whether a list of flows or instances in v1 comes in an envelope with its total, or is a plain array.",
)

SWITCHES = (
    AUTO_PUBLISH,
    EXTENSIONS,
    UNKNOWN_STEP_TYPES,
    AUTOMATIC_CANCEL,
    RETURN_URL_LIFE,
    ZERO_TTL,
    NOTHING_PUBLISHED,
    CSV_BOM,
    FORM_FILES,
    LISTS,
)


def automatic_cancel(chosen: str) -> timedelta | None:
    return None if chosen == "never" else parse_duration(chosen)
