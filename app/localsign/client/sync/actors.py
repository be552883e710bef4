# Made from app/localsign/client/aio/actors.py by `make face`: change that instead.
"""Acting for people: signers, recipients, those who do the steps of a journey."""

from collections.abc import Mapping
from typing import Any, Unpack, cast
from uuid import UUID

from localsign.client.shapes.asking import AccountMembers
from localsign.client.shapes.people import (
    Account,
    DstActed,
    JourneyActed,
    NewAccount,
    PackageActed,
    RecipientActed,
    SessionActed,
)
from localsign.client.spelling import given, plain
from localsign.client.sync.control import Control


class SigningSession:
    """The signer of a session of Sign v2. Too late, it is refused with 409 and what happened instead."""

    def __init__(self, control: Control, session_id: UUID | str) -> None:
        self._control = control
        self.id = str(session_id)

    def open(self) -> SessionActed:
        return self.act("open")

    def sign(self, *, name: str | None = None, nin: str | None = None, eid: str | None = None) -> SessionActed:
        """Sign, as anybody or as the person who is given."""
        signer = given(name=name, nin=nin, eid=eid)
        return self.act("sign", **({"signer": signer} if signer else {}))

    def reject(self, reason: str | None = None) -> SessionActed:
        return self.act("reject", **given(reason=reason))

    def cancel(self) -> SessionActed:
        return self.act("cancel")

    def error(self) -> SessionActed:
        return self.act("error")

    def act(self, action: str, **members: Any) -> SessionActed:
        """The session after the act, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(**members)}
        return cast(SessionActed, self._control.post(f"sign/sessions/{self.id}/act", wanted))


class Package:
    """A package that is being made, where the lag `packaging` is `manual`."""

    def __init__(self, control: Control, package_id: UUID | str) -> None:
        self._control = control
        self.id = str(package_id)

    def complete(self) -> PackageActed:
        return self.act("complete")

    def fail(self) -> PackageActed:
        return self.act("fail")

    def act(self, action: str) -> PackageActed:
        return cast(PackageActed, self._control.post(f"sign/packages/{self.id}/act", {"action": action}))


class Sign:
    """The people of Sign v2."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def session(self, session_id: UUID | str) -> SigningSession:
        return SigningSession(self._control, session_id)

    def package(self, package_id: UUID | str) -> Package:
        return Package(self._control, package_id)


class Dst:
    """The people whose turn it is in a DST of Signing Today: the first one that fits, in the order of the plan."""

    def __init__(self, control: Control, dst_id: UUID | str) -> None:
        self._control = control
        self.id = str(dst_id)

    def fill(self, text: str | None = None, *, document_id: int | None = None, form_id: int | None = None) -> DstActed:
        """Fill in a form field."""
        return self.act("fill", text=text, documentId=document_id, formId=form_id)

    def sign(self, *, document_id: int | None = None, signature_request_id: int | None = None) -> DstActed:
        return self.act("sign", documentId=document_id, signatureRequestId=signature_request_id)

    def decline(
        self, reason: str | None = None, *, document_id: int | None = None, signature_request_id: int | None = None
    ) -> DstActed:
        return self.act("decline", reason=reason, documentId=document_id, signatureRequestId=signature_request_id)

    def download(self) -> DstActed:
        """End the fetching of documents, where the lag `fetching` is `manual`."""
        return self.act("download")

    def fail(self) -> DstActed:
        """Let the fetching of documents fail, where the lag `fetching` is `manual`."""
        return self.act("fail")

    def act(self, action: str, **members: Any) -> DstActed:
        """The DST after the act, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(**members)}
        return cast(DstActed, self._control.post(f"signing-today/dsts/{self.id}/act", wanted))


class SigningToday:
    """The people of Signing Today."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def dst(self, dst_id: UUID | str) -> Dst:
        return Dst(self._control, dst_id)

    def accounts(self) -> list[Account]:
        return cast(list[Account], self._control.get("signing-today/accounts"))

    def create_account(self, username: str, **members: Unpack[AccountMembers]) -> NewAccount:
        """An account, as in `app@company`, with its password and, for a robot, its lifetime token."""
        wanted = {"username": username, **given(**members)}
        return cast(NewAccount, self._control.post("signing-today/accounts", wanted))


class Journey:
    """The people of a journey of Mint, at the step that is named, or the first that waits."""

    def __init__(self, control: Control, journey_id: str) -> None:
        self._control = control
        self.id = str(journey_id)

    def complete(
        self, data: Mapping[str, Any] | None = None, *, step_id: str | None = None, **members: Any
    ) -> JourneyActed:
        """Do what the step asks for, with the data or members given, else as a willing person would."""
        entered = {**(data or {}), **members}
        return self.act("complete", step_id=step_id, data=entered if entered or data is not None else None)

    def approve(self, *, step_id: str | None = None) -> JourneyActed:
        return self.act("approve", step_id=step_id)

    def reject(self, *, step_id: str | None = None) -> JourneyActed:
        return self.act("reject", step_id=step_id)

    def fail(self, *, step_id: str | None = None) -> JourneyActed:
        return self.act("fail", step_id=step_id)

    def open(self, *, step_id: str | None = None) -> JourneyActed:
        return self.act("open", step_id=step_id)

    def cancel(self) -> JourneyActed:
        """Cancel the journey."""
        return self.act("cancel")

    def act(self, action: str, *, step_id: str | None = None, data: Mapping[str, Any] | None = None) -> JourneyActed:
        """The journey after the act, an address that opens it, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(stepId=step_id, data=data)}
        return cast(JourneyActed, self._control.post(f"mint/journeys/{self.id}/act", wanted))


class Mint:
    """The people of Mint."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def journey(self, journey_id: str) -> Journey:
        return Journey(self._control, journey_id)


class Recipient:
    """A recipient of a share. What is not given is right; what is given must be, as on the recipient's site."""

    def __init__(self, control: Control, share_id: UUID | str, recipient_id: UUID | str) -> None:
        self._control = control
        self._path = f"secure-share/shares/{share_id}/recipients/{recipient_id}/act"
        self.id = str(recipient_id)

    def open(self) -> RecipientActed:
        return self.act("open")

    def authenticate(
        self,
        *,
        method: str | None = None,
        code: str | None = None,
        nin: str | None = None,
        idp_id: str | None = None,
    ) -> RecipientActed:
        """Show who they are."""
        return self.act("authenticate", method=method, code=code, nin=nin, idpId=idp_id)

    def download(self, file_id: UUID | str | None = None, **members: Any) -> RecipientActed:
        """Fetch one file, or everything; who has not shown who they are does so first."""
        return self.act("download", file=file_id, **members)

    def fail(self) -> RecipientActed:
        """The eID fails."""
        return self.act("fail")

    def act(self, action: str, **members: Any) -> RecipientActed:
        """The recipient after the act, their state, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(**members)}
        return cast(RecipientActed, self._control.post(self._path, plain(wanted)))


class Share:
    """A share of Secure Share."""

    def __init__(self, control: Control, share_id: UUID | str) -> None:
        self._control = control
        self.id = str(share_id)

    def recipient(self, recipient_id: UUID | str) -> Recipient:
        return Recipient(self._control, self.id, recipient_id)


class SecureShare:
    """The people of Secure Share."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def share(self, share_id: UUID | str) -> Share:
        return Share(self._control, share_id)
