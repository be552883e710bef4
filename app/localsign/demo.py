"""`localsign demo`: one whole signing, as a client application does it, a line for each step."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from localsign.probe import context_for
from localsign.resources import fixtures_folder

SIGNER = {"name": "Ola Nordmann", "nin": "01010199999"}


def walk(
    url: str, output: Path, say: Callable[[str], None], control_token: str | None = None, ca: Path | None = None
) -> None:
    """Sign the sample agreement on the server at `url`, in a workspace of its own, and write it to `output`.

    `ca`: the authority of its certificate, where it has TLS; see probe.context_for.
    """
    guard = {"X-Sandbox-Token": control_token} if control_token else {}
    trust = context_for(url, ca) or True
    control = httpx.Client(base_url=f"{url.rstrip('/')}/_sandbox/v1", timeout=60, headers=guard, verify=trust)
    workspace = _json(control.post("/workspaces", json={}))
    try:
        say(f" 1  A workspace of its own: {workspace['base_url']}")
        signed = _sign(workspace, say, guard, trust)
        certificate = _checked(control.get("/ca.pem")).content
    finally:
        control.delete(f"/workspaces/{workspace['name']}")
    output.write_bytes(signed)
    say(f" 8  Written: {output} ({len(signed):,} bytes)")
    say(f" 9  Checked: {verdict(signed, certificate)}")


def _sign(
    workspace: dict[str, Any], say: Callable[[str], None], guard: dict[str, str], trust: ssl.SSLContext | bool
) -> bytes:
    [client] = workspace["clients"]
    api = httpx.Client(base_url=workspace["base_url"], timeout=60, verify=trust)
    form = {"grant_type": "client_credentials", "scope": "signicat-api"}
    secret = (client["client_id"], client["client_secret"])
    token = _json(api.post("/auth/open/connect/token", data=form, auth=secret))
    api.headers["Authorization"] = f"Bearer {token['access_token']}"
    say(f" 2  An access token, good for {token['expires_in']} s")
    pdf = (fixtures_folder() / "documents" / "agreement.pdf").read_bytes()
    document = _json(api.post("/sign/documents", content=pdf, headers={"Content-Type": "application/pdf"}))
    say(f" 3  Uploaded agreement.pdf: document {document['documentId']}")
    wanted = {"documents": [{"documentId": document["documentId"]}]}
    collection = _json(api.post("/sign/document-collections", json=wanted))
    say(f" 4  Put into collection {collection['id']}")
    place = {
        "documentCollectionId": collection["id"],
        "documentId": document["documentId"],
        "action": "SIGN",
    }
    setup = {"signingFlow": "PKISIGNING", "vendor": "NBID"}
    asked = [{"title": "Rental agreement", "documents": [place], "signingSetup": [setup]}]
    [session] = _json(api.post("/sign/signing-sessions", json=asked))
    say(f" 5  Signing session {session['id']}; a person would open {session['signatureUrl']}")
    command = {"action": "sign", "signer": SIGNER}
    acted = _json(api.post(f"/_sandbox/v1/sign/sessions/{session['id']}/act", json=command, headers=guard))
    say(f" 6  {SIGNER['name']} signs: the session is {acted['session']['lifecycle']['state']}")
    result = acted["session"]["output"]["signatures"][0]["resultDocumentId"]
    say(f" 7  Downloading the signed document {result}")
    return _checked(api.get(f"/sign/documents/{result}")).content


def verdict(pdf: bytes, certificate: bytes) -> str:
    """What an independent validator finds: the last signature of `pdf`, under the CA in `certificate` (PEM)."""
    import io

    from asn1crypto import pem, x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    root = x509.Certificate.load(pem.unarmor(certificate)[2])
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1]
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))
    who = status.signing_cert.subject.native["common_name"]
    if not status.bottom_line:
        return f"the signature of {who} is NOT valid"
    return f"the signature of {who} is valid, trusted under the test CA, and covers the whole document"


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        raise httpx.HTTPStatusError(
            f"{answer.request.method} {answer.request.url} answered {answer.status_code}: {answer.text[:500]}",
            request=answer.request,
            response=answer,
        )
    return answer


def _json(answer: httpx.Response) -> Any:
    return _checked(answer).json()
