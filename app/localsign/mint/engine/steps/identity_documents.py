"""Capture of identity documents, simulated: the end user decides on the page how it ends."""

from localsign.mint.engine.catalog import StepType, mapping, text
from localsign.mint.engine.files import keep_for
from localsign.mint.engine.results import Done, Result, StepError, Wait
from localsign.mint.engine.steps.eid_hub import check_person, failed, person_in
from localsign.mint.engine.turn import Turn, as_text

CATEGORY = "ID document & biometric"
SIMULATED = "No document is captured: the end user decides how it ends, and the person is a test person."
_KINDS = {
    "StartVideoId": ("Start Signicat VideoID", "video"),
    "StartPictureId": ("Start Signicat PictureID", "pictures"),
    "StartWebId": ("Start assure capture flow WebID", "web"),
    "StartReadId": ("Start assure capture flow ReadID", "chip"),
}


def _start(turn: Turn) -> Result:
    process = turn.work.new_id().hex
    title = turn.text("title") or "Show your identity document"
    return Wait(
        {"title": title, "method": _KINDS[turn.type.type][1], "processId": process}, output={"processId": process}
    )


def _captured(turn: Turn) -> Result:
    came = turn.came or {}
    process = turn.facts["processId"]
    if came.get("failed"):
        return failed(turn, as_text(came["failed"]), processId=process)
    person = person_in(turn, came)
    document = {
        "type": as_text(came.get("documentType") or "PASSPORT"),
        "number": f"X{as_text(person.get('nationalId'))[:7]}",
        "issuingCountry": person.get("country") or "NO",
        "expiryDate": f"{turn.work.now.year + 5}-01-01",
    }
    return Done(output={"processId": process, "status": "accepted", "person": person, "document": document})


def _get_video(turn: Turn) -> Result:
    """A file that stands for the video of an earlier capture."""
    turn.needed("processId")
    process = turn.text("processId")
    for row in turn.memory.outputs.values():
        if isinstance(row.data, dict) and row.data.get("processId") == process and "status" in row.data:
            status = row.data["status"]
            return _kept(turn, process, status)
    raise StepError(f"The journey has no capture with the processId '{process[:80]}' that has ended.")


def _kept(turn: Turn, process: str, status: str) -> Result:
    content = f"This stands for the video of the capture {process}. No video was made.\n".encode()
    return Done(output={"status": status, "file": keep_for(turn, content, f"{process}.txt", "text/plain")})


def _capture(name: str) -> StepType:
    display_name, method = _KINDS[name]
    return StepType(
        name,
        display_name,
        CATEGORY,
        f"Lets the end user show an identity document ({method}).",
        _start,
        _captured,
        check_person,
        outcomes=("Done", "Failed"),
        interactive=True,
        inputs={"title": text("The heading.")},
        outputs={
            "processId": text("The capture."),
            "status": text("accepted, or FAILED."),
            "person": mapping("Whom the document is of."),
            "document": mapping("Type, number, country, expiry."),
        },
        asks="capture",
        page="capture",
        simulated=SIMULATED,
    )


TYPES: tuple[StepType, ...] = (
    *map(_capture, _KINDS),
    StepType(
        "GetCaptureFlowResultsVideo",
        "Get capture flow results video",
        CATEGORY,
        "Gives the video of a capture as a file of the journey.",
        _get_video,
        inputs={"processId": text("The capture.", required=True)},
        outputs={"status": text("Of the capture."), "file": mapping("A file that stands for the video.")},
        simulated=SIMULATED,
    ),
)
