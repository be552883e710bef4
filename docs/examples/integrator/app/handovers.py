"""Handing over keys: the tenant signs a protocol on the agent's tablet, by the second vendor."""

from typing import Any

import httpx


class Handovers:
    """`http` begins at the second vendor's API and is logged in as the agent."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def prepare(self, flat: str, protocol: bytes, tenant: dict[str, str], *, with_meter: bool = False) -> str:
        """A transaction that waits for the tenant; its id."""
        dst = self._call("POST", "/DSTs", json={"title": f"Handover {flat}"})
        form = {"filename": "protocol.pdf", "resourceType": "PDF_Document"}
        files = {"file": ("protocol.pdf", protocol, "application/pdf")}
        dst = self._call("PATCH", f"/DST/{dst['id']}/resources", data=form, files=files)
        dst["documents"][0] |= {
            "signerGroups": [{"signers": [{"id": 1, **tenant}]}],
            "signatureRequests": [{"id": 1, "signerId": 1, "declinable": True}],
            "forms": [_METER] if with_meter else [],
        }
        self._call("PUT", f"/DST/{dst['id']}", json=dst)
        self._call("POST", f"/DST/{dst['id']}/publish")
        return str(dst["id"])

    def status(self, dst: str) -> str:
        return str(self._call("GET", f"/DST/{dst}")["status"])

    def signed(self, dst: str) -> bytes:
        """The signed protocol."""
        document = self._call("GET", f"/DST/{dst}")["documents"][0]
        answer = self._http.get(f"/resource/{document['signedDocumentUuid']}")
        answer.raise_for_status()
        return answer.content

    def again(self, dst: str) -> str:
        """A new draft in the place of one that was declined; its id."""
        return str(self._call("POST", f"/DST/{dst}/replace")["id"])

    def _call(self, method: str, path: str, **more: Any) -> Any:
        answer = self._http.request(method, path, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None


_METER = {
    "id": 11,
    "type": "TextForm",
    "page": 1,
    "positionX": 10,
    "positionY": 60,
    "width": 30,
    "height": 3,
    "signerId": 1,
    "toFill": True,
}
