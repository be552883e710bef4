"""`/_sandbox/v1/machines`: the state machines of every API."""

from fastapi import APIRouter

from localsign.apis import machines
from localsign.control.schemas import MachineResponse, MachineRow

router = APIRouter(prefix="/v1")


@router.get("/machines", operation_id="list_machines", tags=["machines"])
async def list_machines() -> list[MachineResponse]:
    """Every state machine of every API: what may happen when, as tables and as diagrams."""
    return [
        MachineResponse(
            api=api,
            name=machine.name,
            states=[state.value for state in machine.states],
            initial=[state.value for state in machine.initial],
            final=[state.value for state in machine.states if machine.is_final(state)],
            rows=[
                MachineRow(event=row.event, source=source, target=row.target, announces=row.announces)
                for row in machine.rows
                for source in sorted(row.sources)
            ],
            mermaid=machine.mermaid(),
        )
        for api, machine in machines()
    ]
