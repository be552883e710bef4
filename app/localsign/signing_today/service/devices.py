"""Trusted devices: challenged, trusted, forgotten; and where pushes to them go."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, delete, select

from localsign.core.errors import ConflictError, UnauthenticatedError
from localsign.core.work import Work
from localsign.signing_today.account_switches import CHALLENGE
from localsign.signing_today.models.people import Challenge, Device, User
from localsign.signing_today.permissions import Caller, Capability
from localsign.signing_today.schemas.devices import DeviceRequest, PushTokenRequest
from localsign.signing_today.service.lists import Listed, Wanted, cut
from localsign.signing_today.service.visibility import subject

LIFE = timedelta(minutes=10)  # documented


def listed(work: Work, caller: Caller, user_id: UUID | None, wanted: Wanted) -> Listed[Device]:
    """The devices of the caller, or with `devices.list.all` of another user of the domain, the oldest first."""
    owner = subject(caller, user_id, Capability.LIST_DEVICES)
    in_domain = select(User.id).where(User.domain == caller.domain)
    query = select(Device).where(Device.user_id == owner, col(Device.user_id).in_(in_domain))
    return cut(work, Device, query, wanted, order=[col(Device.seq)])


def challenge(work: Work, caller: Caller) -> str:
    """A new challenge for the caller; the earlier one is no good any more (documented)."""
    work.db.exec(delete(Challenge).where(col(Challenge.user_id) == caller.user_id))
    made = work.new_id()
    text = str(made) if work.switched(CHALLENGE) != CHALLENGE.default else made.hex
    work.db.add(Challenge(user_id=caller.user_id, challenge=made.hex, expires_at=work.now + LIFE))
    return text


def trust(work: Work, wanted: DeviceRequest) -> UUID:
    """Trust the device that shows a challenge, which is used up by that (inferred); its token.

    A device that is known keeps its token and gets the new name (documented). UnauthenticatedError for a challenge
    that is unknown, used, replaced or too old (inferred: 401 is all that is listed).
    """
    shown = wanted.challenge.replace("-", "").lower()
    found = work.db.exec(select(Challenge).where(Challenge.challenge == shown)).first()
    if found is None or found.expires_at <= work.now:
        raise UnauthenticatedError(
            "The challenge is not known, was used or replaced, or has expired.", facts={"target": "challenge"}
        )
    work.db.delete(found)
    device = _device(work, found.user_id, wanted.device_id)
    if device is None:
        device = Device(
            user_id=found.user_id,
            device_id=wanted.device_id,
            name=wanted.name,
            token=work.new_id(),
            registered_at=work.now,
        )
    device.name = wanted.name
    work.db.add(device)
    return device.token


def forget(work: Work, caller: Caller, user_id: UUID | None, device_id: str) -> None:
    """Clear a device and its push token; it is no error if there is none (inferred: no 404 is listed)."""
    owner = subject(caller, user_id, Capability.DELETE_DEVICES)
    user = work.find(User, owner)
    device = _device(work, owner, device_id) if user is not None and user.domain == caller.domain else None
    if device is not None:
        work.db.delete(device)


def register_push(work: Work, caller: Caller, wanted: PushTokenRequest) -> None:
    """Let pushes go to a device of the caller; ConflictError if it is not trusted (inferred)."""
    device = _device(work, caller.user_id, wanted.device_id)
    if device is None:
        raise ConflictError(f"The device '{wanted.device_id}' is not trusted.", facts={"target": "deviceId"})
    device.push_token = wanted.token


def forget_push(work: Work, caller: Caller, device_id: str) -> None:
    """Let no push go to a device of the caller any more."""
    device = _device(work, caller.user_id, device_id)
    if device is not None:
        device.push_token = None


def pushed_to(work: Work, user_id: UUID) -> Sequence[Device]:
    """The devices of a user that pushes go to."""
    query = select(Device).where(Device.user_id == user_id, col(Device.push_token).is_not(None))
    return work.db.exec(query.order_by(col(Device.seq))).all()


def _device(work: Work, user_id: UUID, device_id: str) -> Device | None:
    return work.db.exec(select(Device).where(Device.user_id == user_id, Device.device_id == device_id)).first()
