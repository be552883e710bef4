"""`/_sandbox/v1/switches`: what the vendors' documentation leaves open, as this workspace has it."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from localsign.apis import find_switch, switch_flaw, switches
from localsign.core.errors import BadInputError, Flaw, NotFoundError
from localsign.core.flaws import ended
from localsign.core.http import InWork
from localsign.core.switches import Switch
from localsign.core.wire import Asked
from localsign.core.work import Work

router = APIRouter(prefix="/v1/switches", tags=["switches"])


class SwitchRequest(Asked):
    value: str = Field(description="The default or one of the alternatives.")


class SwitchesRequest(Asked):
    """The choices to set; those that are not named stay as they are, null takes one back."""

    switches: dict[str, str | None]


class SwitchResponse(BaseModel):
    """One undocumented choice. `chosen_by`: who says so: the workspace, the installation, or nobody."""

    name: str
    value: str
    chosen_by: str = Field(description="workspace, installation or default.")
    default: str
    alternatives: list[str]
    text: str
    source: str

    @classmethod
    def of(cls, work: Work, switch: Switch) -> "SwitchResponse":
        if f"switch.{switch.name}" in work.choices:
            chosen_by = "workspace"
        else:
            chosen_by = "installation" if switch.name in work.house.settings.switches else "default"
        return cls(
            name=switch.name,
            value=switch.chosen(work.choices, work.house.settings.switches),  # showing it is not asking for it
            chosen_by=chosen_by,
            default=switch.default,
            alternatives=list(switch.alternatives),
            text=switch.text,
            source=switch.source,
        )


@router.get("", operation_id="list_switches")
async def list_switches(work: InWork) -> list[SwitchResponse]:
    """Every choice, by name, with what this workspace has."""
    return [SwitchResponse.of(work, one) for one in sorted(switches(), key=lambda one: one.name)]


@router.put("", operation_id="set_switches")
async def set_switches(work: InWork, wanted: SwitchesRequest) -> list[SwitchResponse]:
    """Choose several at once, all or none; answers every switch."""
    flaws = [
        Flaw(f"switches.{name}", reason)
        for name, value in wanted.switches.items()
        if (reason := switch_flaw(name, value)) is not None
    ]
    if flaws:
        raise BadInputError.of_flaws(flaws)
    for name, value in wanted.switches.items():
        work.choose(f"switch.{name}", value)
    return await list_switches(work)


@router.get("/{name}", operation_id="get_switch")
async def get_switch(work: InWork, name: str) -> SwitchResponse:
    """One choice, with its alternatives and what is known about it."""
    return SwitchResponse.of(work, _found(name))


@router.put("/{name}", operation_id="set_switch")
async def set_switch(work: InWork, name: str, wanted: SwitchRequest) -> SwitchResponse:
    """Choose for this workspace, from now on."""
    switch = _found(name)
    if (reason := switch_flaw(name, wanted.value)) is not None:
        raise BadInputError.of("value", reason)
    work.choose(f"switch.{name}", wanted.value)
    return SwitchResponse.of(work, switch)


@router.delete("/{name}", operation_id="clear_switch")
async def clear_switch(work: InWork, name: str) -> SwitchResponse:
    """Take the workspace's choice back: what the installation says holds again."""
    switch = _found(name)
    work.choose(f"switch.{name}", None)
    return SwitchResponse.of(work, switch)


def _found(name: str) -> Switch:
    switch = find_switch(name)
    if switch is None:
        raise NotFoundError(ended(f"There is no switch called '{name}': it {switch_flaw(name, None)}"))
    return switch
