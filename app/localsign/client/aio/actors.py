"""Acting for people: signers, recipients, those who do the steps of a journey."""

from collections.abc import Mapping
from typing import Any, Unpack, cast
from uuid import UUID

from localsign.client.aio.control import AsyncControl
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


class AsyncSigningSession:
    """The signer of a session of Sign v2. Too late, it is refused with 409 and what happened instead."""

    def __init__(self, control: AsyncControl, session_id: UUID | str) -> None:
        self._control = control
        self.id = str(session_id)

    async def open(self) -> SessionActed:
        return await self.act("open")

    async def sign(self, *, name: str | None = None, nin: str | None = None, eid: str | None = None) -> SessionActed:
        """Sign, as anybody or as the person who is given."""
        signer = given(name=name, nin=nin, eid=eid)
        return await self.act("sign", **({"signer": signer} if signer else {}))

    async def reject(self, reason: str | None = None) -> SessionActed:
        return await self.act("reject", **given(reason=reason))

    async def cancel(self) -> SessionActed:
        return await self.act("cancel")

    async def error(self) -> SessionActed:
        return await self.act("error")

    async def act(self, action: str, **members: Any) -> SessionActed:
        """The session after the act, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(**members)}
        return cast(SessionActed, await self._control.post(f"sign/sessions/{self.id}/act", wanted))


class AsyncPackage:
    """A package that is being made, where the lag `packaging` is `manual`."""

    def __init__(self, control: AsyncControl, package_id: UUID | str) -> None:
        self._control = control
        self.id = str(package_id)

    async def complete(self) -> PackageActed:
        return await self.act("complete")

    async def fail(self) -> PackageActed:
        return await self.act("fail")

    async def act(self, action: str) -> PackageActed:
        return cast(PackageActed, await self._control.post(f"sign/packages/{self.id}/act", {"action": action}))


class AsyncSign:
    """The people of Sign v2."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    def session(self, session_id: UUID | str) -> AsyncSigningSession:
        return AsyncSigningSession(self._control, session_id)

    def package(self, package_id: UUID | str) -> AsyncPackage:
        return AsyncPackage(self._control, package_id)


class AsyncDst:
    """The people whose turn it is in a DST of Signing Today: the first one that fits, in the order of the plan."""

    def __init__(self, control: AsyncControl, dst_id: UUID | str) -> None:
        self._control = control
        self.id = str(dst_id)

    async def fill(
        self, text: str | None = None, *, document_id: int | None = None, form_id: int | None = None
    ) -> DstActed:
        """Fill in a form field."""
        return await self.act("fill", text=text, documentId=document_id, formId=form_id)

    async def sign(self, *, document_id: int | None = None, signature_request_id: int | None = None) -> DstActed:
        return await self.act("sign", documentId=document_id, signatureRequestId=signature_request_id)

    async def decline(
        self, reason: str | None = None, *, document_id: int | None = None, signature_request_id: int | None = None
    ) -> DstActed:
        return await self.act("decline", reason=reason, documentId=document_id, signatureRequestId=signature_request_id)

    async def download(self) -> DstActed:
        """End the fetching of documents, where the lag `fetching` is `manual`."""
        return await self.act("download")

    async def fail(self) -> DstActed:
        """Let the fetching of documents fail, where the lag `fetching` is `manual`."""
        return await self.act("fail")

    async def act(self, action: str, **members: Any) -> DstActed:
        """The DST after the act, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(**members)}
        return cast(DstActed, await self._control.post(f"signing-today/dsts/{self.id}/act", wanted))


class AsyncSigningToday:
    """The people of Signing Today."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    def dst(self, dst_id: UUID | str) -> AsyncDst:
        return AsyncDst(self._control, dst_id)

    async def accounts(self) -> list[Account]:
        return cast(list[Account], await self._control.get("signing-today/accounts"))

    async def create_account(self, username: str, **members: Unpack[AccountMembers]) -> NewAccount:
        """An account, as in `app@company`, with its password and, for a robot, its lifetime token."""
        wanted = {"username": username, **given(**members)}
        return cast(NewAccount, await self._control.post("signing-today/accounts", wanted))


class AsyncJourney:
    """The people of a journey of Mint, at the step that is named, or the first that waits."""

    def __init__(self, control: AsyncControl, journey_id: str) -> None:
        self._control = control
        self.id = str(journey_id)

    async def complete(
        self, data: Mapping[str, Any] | None = None, *, step_id: str | None = None, **members: Any
    ) -> JourneyActed:
        """Do what the step asks for, with the data or members given, else as a willing person would."""
        entered = {**(data or {}), **members}
        return await self.act("complete", step_id=step_id, data=entered if entered or data is not None else None)

    async def approve(self, *, step_id: str | None = None) -> JourneyActed:
        return await self.act("approve", step_id=step_id)

    async def reject(self, *, step_id: str | None = None) -> JourneyActed:
        return await self.act("reject", step_id=step_id)

    async def fail(self, *, step_id: str | None = None) -> JourneyActed:
        return await self.act("fail", step_id=step_id)

    async def open(self, *, step_id: str | None = None) -> JourneyActed:
        return await self.act("open", step_id=step_id)

    async def cancel(self) -> JourneyActed:
        """Cancel the journey."""
        return await self.act("cancel")

    async def act(
        self, action: str, *, step_id: str | None = None, data: Mapping[str, Any] | None = None
    ) -> JourneyActed:
        """The journey after the act, an address that opens it, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(stepId=step_id, data=data)}
        return cast(JourneyActed, await self._control.post(f"mint/journeys/{self.id}/act", wanted))


class AsyncMint:
    """The people of Mint."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    def journey(self, journey_id: str) -> AsyncJourney:
        return AsyncJourney(self._control, journey_id)


class AsyncRecipient:
    """A recipient of a share. What is not given is right; what is given must be, as on the recipient's site."""

    def __init__(self, control: AsyncControl, share_id: UUID | str, recipient_id: UUID | str) -> None:
        self._control = control
        self._path = f"secure-share/shares/{share_id}/recipients/{recipient_id}/act"
        self.id = str(recipient_id)

    async def open(self) -> RecipientActed:
        return await self.act("open")

    async def authenticate(
        self,
        *,
        method: str | None = None,
        code: str | None = None,
        nin: str | None = None,
        idp_id: str | None = None,
    ) -> RecipientActed:
        """Show who they are."""
        return await self.act("authenticate", method=method, code=code, nin=nin, idpId=idp_id)

    async def download(self, file_id: UUID | str | None = None, **members: Any) -> RecipientActed:
        """Fetch one file, or everything; who has not shown who they are does so first."""
        return await self.act("download", file=file_id, **members)

    async def fail(self) -> RecipientActed:
        """The eID fails."""
        return await self.act("fail")

    async def act(self, action: str, **members: Any) -> RecipientActed:
        """The recipient after the act, their state, and in `followed` all that came of it, in order."""
        wanted = {"action": action, **given(**members)}
        return cast(RecipientActed, await self._control.post(self._path, plain(wanted)))


class AsyncShare:
    """A share of Secure Share."""

    def __init__(self, control: AsyncControl, share_id: UUID | str) -> None:
        self._control = control
        self.id = str(share_id)

    def recipient(self, recipient_id: UUID | str) -> AsyncRecipient:
        return AsyncRecipient(self._control, self.id, recipient_id)


class AsyncSecureShare:
    """The people of Secure Share."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    def share(self, share_id: UUID | str) -> AsyncShare:
        return AsyncShare(self._control, share_id)
