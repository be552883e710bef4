"""`/_sandbox/v1/seeds`: documents that say what a world holds."""

import json

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from localsign import seeding
from localsign.control.context import sandbox_of, workspace_of
from localsign.core.causes import note_act
from localsign.core.errors import BadInputError
from localsign.sandbox import Sandbox
from localsign.seeding import Made
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1/seeds", tags=["seeds"])

_JSON = ("application/json",)
_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


class FixtureResponse(BaseModel):
    """A document that comes with localsign."""

    name: str
    description: str | None


class MadeObject(BaseModel):
    """`section` as `sign.documents`; `name` as the document has it."""

    section: str
    name: str | None
    id: str


class SeededWorkspace(BaseModel):
    workspace: str
    made: list[MadeObject]

    @classmethod
    def of(cls, made: Made) -> "SeededWorkspace":
        return cls(
            workspace=made.workspace,
            made=[MadeObject(section=section, name=name, id=made_id) for section, name, made_id in made.objects],
        )


@router.get("", operation_id="list_fixtures")
async def list_fixtures() -> list[FixtureResponse]:
    """The seed documents that come with localsign."""
    return [
        FixtureResponse(name=name, description=document.description)
        for name in seeding.fixtures()
        if (document := await anyio.to_thread.run_sync(seeding.fixture, name))
    ]


@router.get("/schema", operation_id="get_seed_schema", response_class=Response)
async def get_seed_schema() -> Response:
    """The JSON Schema of a seed document, for editors."""
    schema = await anyio.to_thread.run_sync(seeding.schema)
    return Response(json.dumps(schema, indent=1), media_type="application/schema+json")


@router.post(
    "",
    operation_id="apply_seed",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "object"}} for kind in (*_JSON, _YAML[0])},
        }
    },
)
async def apply_seed(request: Request) -> list[SeededWorkspace]:
    """Add what a seed document says to this workspace, or to those it names: all of it, or nothing."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (*_JSON, *_YAML):
        raise BadInputError.of("Content-Type", f"must be application/json or application/yaml, is '{kind}'")
    content = await request.body()
    origin = str(request.scope["state"]["origin"])
    workspace = workspace_of(request)
    made = await anyio.to_thread.run_sync(_apply, sandbox_of(request), workspace, content, kind in _JSON, origin)
    note_act(workspace)
    return [SeededWorkspace.of(one) for one in made]


def _apply(sandbox: Sandbox, workspace: Workspace, content: bytes, is_json: bool, origin: str) -> list[Made]:
    return seeding.apply(sandbox, seeding.read(content, is_json=is_json), workspace, origin=origin)
