"""MobileID, simulated: a device is registered when a command says so."""

from localsign.mint.engine.catalog import StepType, text
from localsign.mint.engine.results import Done, Result, Wait
from localsign.mint.engine.steps.eid_hub import failed
from localsign.mint.engine.turn import Turn, as_text

CATEGORY = "Mobile identity"
SIMULATED = "There is no device: a command, or the page, says how the registration ends."


def _create_user(turn: Turn) -> Result:
    return Done(output={"userId": turn.work.new_id().hex, "externalReference": turn.text("externalReference")})


def _register(turn: Turn) -> Result:
    turn.needed("userId")
    registration = turn.work.new_id().hex
    code = str(int(registration[:8], 16) % 1_000_000).zfill(6)
    return Done(output={"registrationId": registration, "userId": turn.text("userId"), "activationCode": code})


def _get_result(turn: Turn) -> Result:
    turn.needed("registrationId")
    facts = {"title": "Register your device", "registrationId": turn.text("registrationId")}
    return Wait(facts)


def _ended(turn: Turn) -> Result:
    came = turn.came or {}
    registration = turn.facts["registrationId"]
    if came.get("failed"):
        return failed(turn, as_text(came["failed"]), registrationId=registration)
    return Done(output={"registrationId": registration, "status": "COMPLETED"})


TYPES = (
    StepType(
        "CreateMobileIdUser",
        "Create MobileID user",
        CATEGORY,
        "Makes a user.",
        _create_user,
        inputs={"externalReference": text("Your reference.")},
        outputs={"userId": text("The user."), "externalReference": text("Your reference.")},
        simulated=SIMULATED,
    ),
    StepType(
        "RegisterMobileIdDevice",
        "Register MobileID device",
        CATEGORY,
        "Begins the registration of a device.",
        _register,
        inputs={"userId": text("The user.", required=True)},
        outputs={"registrationId": text("The registration."), "activationCode": text("What the user types in.")},
        simulated=SIMULATED,
    ),
    StepType(
        "GetMobileIdRegistrationResult",
        "Get MobileID registration result",
        CATEGORY,
        "Waits until the registration is COMPLETED or FAILED.",
        _get_result,
        _ended,
        outcomes=("Done", "Failed"),
        inputs={"registrationId": text("The registration.", required=True)},
        outputs={"registrationId": text("The registration."), "status": text("COMPLETED or FAILED.")},
        asks="registration",
        page="capture",
        simulated=SIMULATED,
    ),
)
