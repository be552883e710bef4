"""Viewings: who wants to see a flat fills in a form, which somebody of ours approves. A workflow of the vendor's."""

from typing import Any

from app.vendor import Vendor

WORKFLOW: dict[str, Any] = {
    "name": "Viewing",
    "inputParameters": [{"name": "flat"}],
    "steps": [
        {
            "id": "wish",
            "type": "Form",
            "displayName": "Your wish",
            "properties": {
                "title": "See {{ Input.flat }}",
                "fields": [
                    {"name": "name", "label": "Your name", "required": True},
                    {"name": "persons", "label": "Persons", "type": "number", "value": "1"},
                ],
            },
        },
        {
            "id": "ours",
            "type": "RequireApproval",
            "displayName": "Our word",
            "properties": {"approver": "agent@fjord.example"},
        },
        {"id": "yes", "type": "SetName", "properties": {"name": "Welcome, {{ wish.name }}"}},
        {"id": "no", "type": "SetName", "properties": {"name": "Sorry, {{ wish.name }}"}},
    ],
    "connections": [
        {"sourceStepId": "wish", "targetStepId": "ours"},
        {"sourceStepId": "ours", "targetStepId": "yes", "outcome": "Approved"},
        {"sourceStepId": "ours", "targetStepId": "no", "outcome": "Rejected"},
    ],
}


class Viewings:
    """Viewings of one workflow, which is set up at the first."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._workflow: str | None = None

    def invite(self, flat: str) -> dict[str, Any]:
        """A journey for one guest: its `journeyId`, and the `journeyUrl` to send."""
        if self._workflow is None:
            self._workflow = self._vendor.json("POST", "/mint/workflows", json=WORKFLOW)["id"]
        started = self._vendor.json("POST", f"/mint/workflows/{self._workflow}/start", json={"input": {"flat": flat}})
        return dict(started)

    def status(self, journey: str) -> dict[str, Any]:
        """How far it is, as the vendor shows it."""
        return dict(self._vendor.json("GET", f"/mint/journeys/{journey}"))

    def guest(self, journey: str) -> dict[str, Any]:
        """What the guest wrote."""
        return dict(self.status(journey)["stepData"].get("wish", {}))
