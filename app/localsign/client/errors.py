"""What goes wrong with a sandbox.

SandboxError                what was asked for is refused, or the server cannot be reached
├── CannotStartError        the server could not be started
└── WaitTimeoutError        what was waited for has not come in time
"""

from typing import Any

import httpx

WORDS_OF_A_REFUSAL = 500


class SandboxError(Exception):
    """The control plane refused, in its own words; or it could not be asked.

    `status` and `code` are those of the refusal, None where there was no answer; `problem` is its body. `sentence` has
    the server's words alone, without what was asked.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        problem: dict[str, Any] | None = None,
        sentence: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.sentence = sentence or message
        self.status = status
        self.code = code
        self.problem = problem or {}


class CannotStartError(SandboxError):
    """The server could not be started; the message has what it said last."""


class WaitTimeoutError(SandboxError):
    """Less came than was waited for: `found` things matched; the `nearest` say which conditions they `missed`."""

    def __init__(self, message: str, *, found: int, nearest: list[dict[str, Any]], **more: Any) -> None:
        super().__init__(message, **more)
        self.found = found
        self.nearest = nearest


def unreachable(url: str, error: Exception) -> SandboxError:
    """No answer came from `url`."""
    return SandboxError(f"{url} cannot be reached ({error}). Is it running? Start it with: localsign serve")


def refusal(answer: httpx.Response) -> SandboxError:
    """What an answer of the control plane that is no success means."""
    asked = f"{answer.request.method} {answer.request.url.path}"
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "code" not in problem:
        text = answer.text[:WORDS_OF_A_REFUSAL]
        return SandboxError(f"{asked} answered {answer.status_code}: {text}", status=answer.status_code)
    flaws = [f"{one['name']}: {one['reason']}" for one in problem.get("invalidParams") or ()]
    said = " ".join([problem["detail"], *(flaw for flaw in flaws if flaw not in problem["detail"])])
    known = {"status": answer.status_code, "code": problem["code"], "problem": problem}
    if "nearest" in problem:
        return WaitTimeoutError(
            _waited(said, problem["nearest"]), found=problem["found"], nearest=problem["nearest"], **known
        )
    message = f"{asked} was refused with {answer.status_code} {problem['code']}: {said}"
    return SandboxError(message, sentence=said, **known)


def _waited(said: str, nearest: list[dict[str, Any]]) -> str:
    """The sentence, and a line for each thing that came close."""
    lines = []
    for one in nearest:
        shown = ", ".join(f"{name} {value}" for name, value in one.items() if name != "missed" and value is not None)
        lines.append(f"  came: {shown} (missed: {', '.join(one['missed'])})")
    return "\n".join([said, *lines])


def checked(answer: httpx.Response) -> httpx.Response:
    """`answer`, if it is a success."""
    if answer.is_success:
        return answer
    raise refusal(answer)
