"""Payslips and other papers for one person each, sent as secure shares."""

from dataclasses import dataclass
from typing import Any

from app.vendor import Vendor


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    national_id: str | None = None  # who has one logs in with an eID, others with a code by e-mail


@dataclass(frozen=True)
class Sent:
    share: str
    recipient: str
    link: str


class Payslips:
    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    def send(self, title: str, content: bytes, to: Person, *, expires: str | None = None) -> Sent:
        """Give one person one PDF."""
        wanted: dict[str, Any] = {"title": title, "contactDetails": {"name": "Fjord Homes"}}
        if expires is not None:
            wanted["expires"] = expires
        share = self._vendor.json("POST", "/secure-share/shares", json=wanted)["id"]
        file = ("payslip.pdf", content, "application/pdf")
        self._vendor.call("POST", f"/secure-share/shares/{share}/files", files={"file": file})
        if to.national_id is None:
            login: dict[str, Any] = {"identityProvider": "otp-email"}
        else:
            login = {"identityProvider": "nbid", "nin": to.national_id}
        recipient = self._vendor.json(
            "POST",
            f"/secure-share/shares/{share}/recipients",
            json={
                "firstName": to.name,
                "email": to.email,
                "authentication": [login],
                "notification": {"sendEmail": True, "language": "No"},
            },
        )
        return Sent(share, recipient["id"], recipient["url"])

    def is_fetched(self, sent: Sent) -> bool:
        return bool(self._vendor.json("GET", f"/secure-share/shares/{sent.share}")["status"] == "Completed")

    def remind(self, sent: Sent) -> None:
        self._vendor.call("POST", f"/secure-share/shares/{sent.share}/recipients/{sent.recipient}/remind")

    def withdraw(self, sent: Sent) -> None:
        self._vendor.call("DELETE", f"/secure-share/shares/{sent.share}")
