"""Leases: each tenant signs the same document, one after another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.vendor import RefusedError, UncertainError, Vendor

LOGIN = {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": "nbid"}]}
BANK_ID = {"signingFlow": "PKISIGNING", "vendor": "NBID", "identityProviders": []}


class LeaseState(StrEnum):
    OPEN = "open"
    SIGNED = "signed"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass
class Lease:
    """What we keep of a lease. `sessions` are the vendor's, in the order of signing."""

    number: str
    document: str
    collection: str
    sessions: list[str]
    state: LeaseState = LeaseState.OPEN
    signed: set[str] = field(default_factory=set)


class Leases:
    """Leases by number. `return_to` is the page of ours to which tenants come back."""

    def __init__(self, vendor: Vendor, return_to: str = "https://fjord.example/leases") -> None:
        self._vendor = vendor
        self._return_to = return_to
        self.all: dict[str, Lease] = {}

    def send(
        self, number: str, content: bytes, tenants: Sequence[str], *, by_bank_id: bool = False, package: bool = False
    ) -> Lease:
        """Have `content`, a PDF, signed by the tenants, in this order. Sending a lease again changes nothing."""
        if number in self.all:
            return self.all[number]
        document = self._vendor.json(
            "POST", "/sign/documents", content=content, headers={"Content-Type": "application/pdf"}
        )["documentId"]
        wanted: dict[str, Any] = {"documents": [{"documentId": document}]}
        if package:
            wanted["packageTo"] = ["PADES_CONTAINER"]
        collection = self._vendor.json("POST", "/sign/document-collections", json=wanted)["id"]
        lease = Lease(number, document, collection, sessions=[])
        for tenant in tenants:
            lease.sessions.append(self._open_session(lease, tenant, BANK_ID if by_bank_id else LOGIN))
        self.all[number] = lease
        return lease

    def _open_session(self, lease: Lease, tenant: str, how: dict[str, Any]) -> str:
        reference = f"{lease.number}/{tenant}"
        wanted = {
            "title": f"Lease {lease.number}",
            "externalReference": reference,
            "documents": [{"documentCollectionId": lease.collection, "documentId": lease.document, "action": "SIGN"}],
            "signingSetup": [how],
            "subsequentTo": lease.sessions[-1:],
            "redirectSettings": {
                outcome: f"{self._return_to}/{lease.number}/{outcome}" for outcome in ("success", "error", "cancel")
            },
        }
        try:
            return str(self._vendor.json("POST", "/sign/signing-sessions", json=[wanted])[0]["id"])
        except UncertainError:
            found = self._find(reference)
            if found is None:
                raise
            return found

    def _find(self, reference: str) -> str | None:
        """The session that we may have made without hearing of it; there is at most one for a reference."""
        offset = 0
        while True:
            page = self._vendor.json("GET", "/sign/signing-sessions", params={"offset": offset, "limit": 50})
            for one in page["data"]:
                if one.get("externalReference") == reference:
                    return str(one["id"])
            offset += page["count"]
            if offset >= page["total"]:
                return None

    def link(self, lease: Lease) -> str | None:
        """Where the tenant whose turn it is signs."""
        for session in lease.sessions:
            found = self._vendor.json("GET", f"/sign/signing-sessions/{session}")
            if found["lifecycle"]["state"] == "READY":
                return str(found["signatureUrl"])
        return None

    def refresh(self, lease: Lease) -> LeaseState:
        """Ask the vendor how far it is; what a webhook told is never trusted without that."""
        if lease.state is not LeaseState.OPEN:
            return lease.state
        for session in lease.sessions:
            try:
                state = self._vendor.json("GET", f"/sign/signing-sessions/{session}")["lifecycle"]["state"]
            except RefusedError as error:
                if error.status != 404:
                    raise
                lease.state = LeaseState.EXPIRED
                break
            if state == "REJECTED":
                lease.state = LeaseState.REJECTED
                break
            if state == "SIGNED":
                lease.signed.add(session)
        else:
            if len(lease.signed) == len(lease.sessions):
                lease.state = LeaseState.SIGNED
        return lease.state

    def of_session(self, session: str) -> Lease | None:
        return next((lease for lease in self.all.values() if session in lease.sessions), None)

    def results(self, lease: Lease) -> list[bytes]:
        """The signed documents, one for each tenant."""
        found = [self._vendor.json("GET", f"/sign/signing-sessions/{one}") for one in lease.sessions]
        ids = [signature["resultDocumentId"] for one in found for signature in one["output"]["signatures"]]
        return [self._vendor.call("GET", f"/sign/documents/{one}").content for one in ids]

    def package(self, lease: Lease) -> bytes | None:
        """The package of a lease that was sent with `package`; None while the vendor still makes it."""
        found = self._vendor.json("GET", f"/sign/document-collections/{lease.collection}")
        ready = [one for one in found["output"]["packages"] if one.get("resultDocumentId")]
        return self._vendor.call("GET", f"/sign/documents/{ready[0]['resultDocumentId']}").content if ready else None

    def withdraw(self, lease: Lease) -> None:
        """Take back what has not been signed."""
        for session in lease.sessions:
            if session not in lease.signed:
                self._vendor.call("DELETE", f"/sign/signing-sessions/{session}")
        del self.all[lease.number]
