"""Habits of clients that work against an emulator and hurt against the real service. Each rule is one function."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise
from urllib.parse import urlsplit

from localsign.control.linting.calls import Call, digest_of_token

_MOST_USED = 1  # requests with one token, by a client that fetches one for each
_FEWEST_GRANTS = 3
_FEWEST_POLLS = 5
_FASTEST = timedelta(seconds=1)
_PART_OF_LIFE = 0.8  # of a token: a new one in the last fifth is no waste
# What the same request meets again however often it is sent.
_FINAL = frozenset({400, 403, 404, 405, 409, 410, 413, 415, 422})
_MAY_HEAL = frozenset({403, 404, 409})  # unless something has changed meanwhile


@dataclass(frozen=True)
class Finding:
    """`rule` by name, what was seen in a `sentence`, what to do about it, and the entries of the journal."""

    rule: str
    sentence: str
    advice: str
    entries: tuple[int, ...] = ()


Rule = Callable[[Sequence[Call]], Iterator[Finding]]


def token_per_request(calls: Sequence[Call]) -> Iterator[Finding]:
    """A client fetches tokens that it hardly uses, while the last one is still good."""
    by_client: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.is_grant:
            by_client[call.by].append(call)
    for grants in by_client.values():
        wasted = [later for earlier, later in pairwise(grants) if _is_waste(earlier, later, calls)]
        if len(wasted) >= _FEWEST_GRANTS - 1:
            yield Finding(
                "token-per-request",
                f"{len(wasted) + 1} tokens were fetched, each while the one before was good and used once at most.",
                "Keep a token until shortly before it expires; the vendor limits how many it issues.",
                (wasted[0].number, *(one.number for one in wasted[1:])),
            )


def _is_waste(earlier: Call, later: Call, calls: Sequence[Call]) -> bool:
    life = earlier.members.get("expires_in")
    token = earlier.members.get("access_token")
    if not isinstance(life, int) or not isinstance(token, str):
        return False
    used = sum(1 for call in calls if call.token == digest_of_token(token))
    return later.at - earlier.at < timedelta(seconds=life * _PART_OF_LIFE) and used <= _MOST_USED


def expired_token_reused(calls: Sequence[Call]) -> Iterator[Finding]:
    """A token that was refused is sent again."""
    refused: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.status == 401 and call.token and not call.is_broken:
            refused[call.token].append(call)
    for again in refused.values():
        if len(again) > 1:
            yield Finding(
                "refused-token-reused",
                f"A token that was answered with 401 was sent {len(again)} times.",
                "After a 401 fetch a new token and try once more; then give up.",
                tuple(call.number for call in again),
            )


def polling_too_fast(calls: Sequence[Call]) -> Iterator[Finding]:
    """The same thing is asked again and again within a second, and the answer is the same."""
    asked: defaultdict[tuple[str, bytes], list[Call]] = defaultdict(list)
    for call in calls:
        if call.method == "GET" and call.status == 200 and not call.is_on_page:
            asked[call.path, call.query].append(call)
    for again in asked.values():
        for _, run in groupby(again, key=lambda call: (call.answered, call.epoch)):
            polls = list(run)
            # A clock that stands still does not say how fast it was.
            hurried = [later for earlier, later in pairwise(polls) if timedelta(0) < later.at - earlier.at < _FASTEST]
            if len(hurried) >= _FEWEST_POLLS:
                yield Finding(
                    "polling-too-fast",
                    f"GET {polls[0].path} was asked {len(polls)} times less than a second apart, and nothing was new.",
                    "Subscribe to webhooks, or wait longer between questions, and longer each time.",
                    tuple(call.number for call in polls),
                )


def redirect_trusted(calls: Sequence[Call]) -> Iterator[Finding]:
    """The person was sent back to the application, which went on without asking how it ended."""
    for index, call in enumerate(calls):
        moved = [str(one["id"]) for one in call.changed if "machine" in one]
        if not call.is_on_page or not call.location or not urlsplit(call.location).netloc or not moved:
            continue
        later = [one for one in calls[index + 1 :] if not one.is_on_page]
        if later and not any(_reads(one, identity) for one in later for identity in moved):
            yield Finding(
                "redirect-trusted",
                f"After a person came back from {_page(call)}, the client went on and never asked how it ended.",
                "Anybody can open a redirect address: ask the API, or wait for a webhook, before you believe it.",
                (call.number,),
            )


def _reads(call: Call, identity: str) -> bool:
    return call.method == "GET" and (identity in call.path or identity in str(call.members))


def _page(call: Call) -> str:
    return f"the pages of {call.operation.partition('.')[0]}"


def paging_ignored(calls: Sequence[Call]) -> Iterator[Finding]:
    """A list was longer than its page, and nobody asked for the rest."""
    asked: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.method == "GET" and call.status == 200:
            asked[call.path].append(call)
    for path, pages in asked.items():
        cut = [call for call in pages if _is_cut(call)]
        if cut and not any(_start(call) for call in pages) and not any("limit" in one.parameters for one in cut):
            first = cut[0]
            yield Finding(
                "paging-ignored",
                f"GET {path} answered {_shown(first)} of {_total(first)}, and the rest was never asked for.",
                "Follow the list with offset and limit until everything has been read.",
                tuple(call.number for call in cut),
            )


def _items(call: Call) -> object:
    return call.members.get("data", call.members.get("values"))


def _shown(call: Call) -> int:
    items = _items(call)
    return len(items) if isinstance(items, list) else 0


def _total(call: Call) -> int:
    members = call.members
    total = members.get("total", members.get("totalCount", members.get("count") if "values" in members else None))
    return total if isinstance(total, int) else 0


def _start(call: Call) -> int:
    text = call.parameters.get("offset", call.parameters.get("$skip", "0"))
    return int(text) if text.isdecimal() else 0


def _is_cut(call: Call) -> bool:
    return isinstance(_items(call), list) and _start(call) + _shown(call) < _total(call)


def refused_call_repeated(calls: Sequence[Call]) -> Iterator[Finding]:
    """The very same request was sent again although nothing had changed that could let it pass."""
    repeated: defaultdict[tuple[object, ...], list[Call]] = defaultdict(list)
    for call in calls:
        if call.status in _FINAL and not call.is_broken and not call.is_on_page:
            epoch = call.epoch if call.status in _MAY_HEAL else 0
            repeated[call.method, call.path, call.query, call.body, call.token, epoch].append(call)
    for again in repeated.values():
        if len(again) > 1:
            first = again[0]
            yield Finding(
                "refused-call-repeated",
                f"{first.method} {first.path} was refused with {first.status}, and sent unchanged {len(again)} times.",
                "Repeat what failed by 408, 429 or 5xx; a request that is wrong stays wrong.",
                tuple(call.number for call in again),
            )


RULES: tuple[Rule, ...] = (
    token_per_request,
    expired_token_reused,
    polling_too_fast,
    redirect_trusted,
    paging_ignored,
    refused_call_repeated,
)
