"""`/_sandbox`: what belongs to the installation and to no world: the test CA, the OpenAPI documents."""

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from localsign.core.errors import NotFoundError
from localsign.resources import openapi_folder

router = APIRouter(tags=["installation"])


@router.get("/v1/ca.pem", operation_id="get_ca", response_class=Response, tags=["installation"])
async def get_ca(request: Request) -> Response:
    """The certificate of the test authority that every signature leads to, as PEM. It needs no control token."""
    house = request.scope["state"]["sandbox"].house
    authority = await anyio.to_thread.run_sync(lambda: house.authority)
    return Response(authority.certificate_pem, media_type="application/x-pem-file")


@router.get("/v1/tls/ca.pem", operation_id="get_tls_ca", response_class=Response, tags=["installation"])
async def get_tls_ca(request: Request) -> Response:
    """The certificate of the authority under which this server speaks TLS, as PEM. It needs no control token."""
    house = request.scope["state"]["sandbox"].house
    pem = house.tls.authority_pem
    if pem is None:
        raise NotFoundError("localsign made no certificate for TLS: LOCALSIGN_TLS is not self-signed.")
    return Response(pem, media_type="application/x-pem-file")


@router.get("/openapi/{name}.json", operation_id="get_openapi", response_class=FileResponse)
async def get_openapi(name: str) -> FileResponse:
    """The OpenAPI document of one API."""
    documents = {path.stem: path for path in sorted(openapi_folder().glob("*.json"))}
    if name not in documents:
        raise NotFoundError(f"There is no document '{name}'. There are: {', '.join(documents)}.")
    return FileResponse(documents[name], media_type="application/json")
