"""Everything that can be refused, in one tree. The domain raises; a dialect of the API spells it.

ApiError
├── BadInputError            400  what was sent is wrong; carries the flaws
├── UnauthenticatedError     401  no caller, or one that cannot be trusted
├── ForbiddenError           403  a caller without the permission
├── NotFoundError            404
├── MethodNotAllowedError    405
├── TimedOutError            408  what was waited for did not come
├── ConflictError            409  right in itself, but not now
│   ├── IllegalTransitionError    the table has no row for it
│   └── WorldChangedError         the world was reset while the work was under way
├── GoneError                410  it was there, and its time is over
├── TooLargeError            413
├── UnsupportedMediaTypeError 415
├── TooManyRequestsError     429  over a rate limit
├── InjectedError            any  a fault that was asked for
├── UnexpectedError          500  our own failure
├── NotBuiltError            501  a vendor operation that is known and not emulated
└── StorageError             503  the files of a world cannot be used at this moment
    ├── StorageFullError     507  there is no space left
    └── DamagedError         503  they are not what localsign left there
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Flaw:
    """One thing wrong with an input: `name` is the path of the member, `reason` the rule it breaks."""

    name: str
    reason: str


class ApiError(Exception):
    """A refusal. `status` is a hint: a dialect may answer with another one."""

    status: ClassVar[int] = 500
    code: str = "internal_server_error"
    title: str = "Internal server error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        title: str | None = None,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.title = title or self.title
        self.flaws = tuple(flaws)
        self.headers = dict(headers or {})
        self.facts = dict(facts or {})


class BadInputError(ApiError):
    status = 400
    code = "bad_request"
    title = "Bad request"

    @classmethod
    def of(cls, name: str, reason: str) -> "BadInputError":
        """The error for one flaw."""
        return cls.of_flaws([Flaw(name, reason)])

    @classmethod
    def of_flaws(cls, flaws: Sequence[Flaw]) -> "BadInputError":
        """The error for all `flaws`, in the order found."""
        return cls("; ".join(f"{flaw.name}: {flaw.reason}" for flaw in flaws), flaws=flaws)


class UnauthenticatedError(ApiError):
    status = 401
    code = "invalid_token"
    title = "Invalid authentication token."


class ForbiddenError(ApiError):
    status = 403
    code = "missing_permission"
    title = "Missing permission."


class NotFoundError(ApiError):
    status = 404
    code = "not_found"
    title = "Not found"


class MethodNotAllowedError(ApiError):
    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"


class TimedOutError(ApiError):
    status = 408
    code = "timed_out"
    title = "Timed out"


class ConflictError(ApiError):
    status = 409
    code = "conflict"
    title = "Conflict"


class IllegalTransitionError(ConflictError):
    """`event` has no row for the state that the thing is in."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(
            f"The {machine} is {state}: '{event.lower()}' is not possible in this state.",
            facts={"state": state, "event": event},
        )
        self.machine, self.state, self.event = machine, state, event


class WorldChangedError(ConflictError):
    code = "world_changed"

    def __init__(self) -> None:
        super().__init__("The workspace was reset or deleted while this was under way; nothing was written.")


class GoneError(ApiError):
    status = 410
    code = "gone"
    title = "Gone"


class TooLargeError(ApiError):
    status = 413
    code = "payload_too_large"
    title = "Payload too large"


class UnsupportedMediaTypeError(ApiError):
    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"


class TooManyRequestsError(ApiError):
    status = 429
    code = "too_many_requests"
    title = "Too many requests"


class InjectedError(ApiError):
    """A fault that a tester asked for, with the status of the tester's choosing."""

    def __init__(self, detail: str, *, status: int, code: str, title: str, headers: Mapping[str, str]) -> None:
        super().__init__(detail, code=code, title=title, headers=headers)
        self.status = status  # type: ignore[misc]  # of this one alone


class UnexpectedError(ApiError):
    def __init__(self) -> None:
        super().__init__("An internal server error happened.")


class NotBuiltError(ApiError):
    status = 501
    code = "not_implemented"
    title = "Not implemented by localsign"


class StorageError(ApiError):
    """Nothing was written. What keeps the files from being used is outside: other worlds go on."""

    status = 503
    code = "storage_unavailable"
    title = "Storage unavailable"


class StorageFullError(StorageError):
    status = 507
    code = "insufficient_storage"
    title = "Insufficient storage"


class DamagedError(StorageError):
    code = "workspace_damaged"
    title = "Workspace damaged"

    @classmethod
    def of(cls, name: str, reason: str) -> "DamagedError":
        """The error for a world whose files are not what localsign left there."""
        return cls(
            f"The files of the workspace '{name}' are damaged: {reason}. Put a copy of its folder back while "
            "localsign is stopped, or delete the workspace."
        )
