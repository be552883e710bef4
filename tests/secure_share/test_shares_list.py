"""Listing shares: filters, search, sorting in every accepted syntax, paging."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.secure_share.sharing import Sender, a_recipient, problem
from tests.world import Json

from localsign.core.errors import Flaw
from localsign.core.paging import Order
from localsign.secure_share.paging import parse_sort


def listed(sender: Sender, query: str = "") -> Json:
    answer = sender.call("GET", f"?{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def titles(sender: Sender, query: str = "") -> list[str | None]:
    return [one["title"] for one in listed(sender, query)["data"]]


def made(sender: Sender, *wanted: str | None) -> list[Json]:
    """Shares with these titles, a minute apart; the later made, the sooner they expire."""
    shares = []
    sender.world.freeze()
    for number, title in enumerate(wanted):
        shares.append(sender.share(title=title, expires=f"21{90 - number}-01-01T00:00:00Z"))
        sender.world.advance("PT1M")
    return shares


def test_an_empty_list(sender: Sender) -> None:
    assert listed(sender) == {"limit": 50, "offset": 0, "count": 0, "total": 0, "data": []}


def test_the_items_are_whole_shares(sender: Sender) -> None:
    share = sender.share(recipients=[a_recipient(), a_recipient()])
    sender.upload(share)
    other = sender.share()
    sender.invite(other)
    assert listed(sender)["data"] == [sender.read(other), sender.read(share)]


def test_the_newest_comes_first(sender: Sender) -> None:
    made(sender, "a", "b", "c")
    assert titles(sender) == ["c", "b", "a"]


def test_pages(sender: Sender) -> None:
    made(sender, *"abcde")
    page = listed(sender, "offset=1&limit=2")
    assert {name: page[name] for name in ("limit", "offset", "count", "total")} == {
        "limit": 2,
        "offset": 1,
        "count": 2,
        "total": 5,
    }
    assert titles(sender, "offset=1&limit=2") == ["d", "c"]
    assert titles(sender, "offset=4&limit=2") == ["a"]
    assert listed(sender, "offset=9&limit=1000")["count"] == 0


def test_empty_parameters_are_none(sender: Sender) -> None:
    share = sender.share()
    assert listed(sender, "from=&to=&offset=&limit=&sort=&search=") == listed(sender)
    assert listed(sender)["data"] == [share]


def test_parameters_of_others_are_ignored(sender: Sender) -> None:
    sender.share()
    assert listed(sender, "signicat-accountId=a-1&status=Expired&tags=x")["total"] == 1


@pytest.mark.parametrize(
    ("query", "flawed"),
    [
        ("limit=0", ["limit"]),
        ("limit=1001", ["limit"]),
        ("limit=many", ["limit"]),
        ("offset=-1", ["offset"]),
        ("offset=2147483648", ["offset"]),
        ("offset=" + "9" * 400, ["offset"]),
        ("offset=1.5&limit=-1", ["offset", "limit"]),
        ("from=yesterday&to=2126-13-01T00:00:00Z", ["from", "to"]),
        ("sort=status", ["sort"]),
        ("sort=-created desc", ["sort"]),
        ("sort=created up", ["sort"]),
        ("sort=created;desc", ["sort"]),
        ("sort=title,,created", ["sort"]),
        ("search=" + "+".join(f"w{number}" for number in range(21)), ["search"]),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_is_wrong_with_a_query_is_named(sender: Sender, query: str, flawed: list[str]) -> None:
    problem(sender.call("GET", f"?{query}"), 400, *flawed)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("title", ["A", "b", "C"]),
        ("+title", ["A", "b", "C"]),
        ("%2Btitle", ["A", "b", "C"]),
        ("title asc", ["A", "b", "C"]),
        ("title:asc", ["A", "b", "C"]),
        ("-title", ["C", "b", "A"]),
        ("Title DESC", ["C", "b", "A"]),
        ("title:desc", ["C", "b", "A"]),
        ("created", ["b", "A", "C"]),
        ("-created", ["C", "A", "b"]),
        ("created desc", ["C", "A", "b"]),
        ("expires", ["C", "A", "b"]),
        ("expires:Desc", ["b", "A", "C"]),
        ("title,-created", ["A", "b", "C"]),
        ("title&sort=-created", ["A", "b", "C"]),
        ("title, -created", ["A", "b", "C"]),
        (" -title , created", ["C", "b", "A"]),
    ],
)
def test_every_syntax_of_sorting(sender: Sender, sort: str, expected: list[str]) -> None:
    made(sender, "b", "A", "C")
    assert titles(sender, f"sort={sort}") == expected


def test_equal_titles_go_by_the_next_field(sender: Sender) -> None:
    first, second, third = made(sender, "x", "X", None)
    assert [one["id"] for one in listed(sender, "sort=title,-created")["data"]] == [
        third["id"],
        second["id"],
        first["id"],
    ]
    assert [one["id"] for one in listed(sender, "sort=title,created")["data"]] == [
        third["id"],
        first["id"],
        second["id"],
    ]


def test_search_wants_every_keyword_in_any_case(sender: Sender) -> None:
    made(sender, "Tax Papers 2026", "Papers on ÆRØ", None, "100% taxed_")
    assert titles(sender, "search=papers") == ["Papers on ÆRØ", "Tax Papers 2026"]
    assert titles(sender, "search=PAPERS%20tax") == ["Tax Papers 2026"]
    assert titles(sender, "search=ærø") == ["Papers on ÆRØ"]
    assert titles(sender, "search=100%25%20_") == ["100% taxed_"]
    assert titles(sender, "search=%25") == ["100% taxed_"]
    assert titles(sender, "search=nothing") == []
    assert len(titles(sender, "search=%20%20")) == 4
    assert titles(sender, "search=%00") == []
    assert titles(sender, "search=%ff") == []


def test_the_time_of_creation_is_within_the_bounds(sender: Sender) -> None:
    shares = made(sender, "a", "b", "c")
    at = shares[1]["created"].replace("+", "%2B")
    assert titles(sender, f"from={at}") == ["c", "b"]
    assert titles(sender, f"to={at}") == ["b", "a"]
    assert titles(sender, f"from={at}&to={at}") == ["b"]
    unescaped = shares[1]["created"]
    assert titles(sender, f"from={unescaped}&to={unescaped}") == ["b"]
    assert titles(sender, "from=2020-01-01T00:00:00%2B02:00&to=2020-01-02T00:00:00Z") == []
    assert titles(sender, f"from={at}&search=c") == ["c"]


@given(
    st.lists(st.tuples(st.sampled_from(["title", "created", "expires"]), st.booleans(), st.integers(0, 3)), min_size=1)
)
def test_every_spelling_says_the_same(terms: list[tuple[str, bool, int]]) -> None:
    spelled = []
    for name, descends, way in terms:
        word = "desc" if descends else "asc"
        sign = "-" if descends else ("+" if way else "")
        spelled.append([f"{sign}{name}", f"{name} {word}", f"{name}:{word.upper()}", f"{sign}{name.title()}"][way])
    flaws: list[Flaw] = []
    expected = tuple(Order(name, descends) for name, descends, _ in terms)
    assert parse_sort([",".join(spelled)], flaws) == expected
    assert parse_sort(spelled, flaws) == expected
    assert flaws == []


@given(st.text(alphabet=string.printable + "æ\x00\ud800", max_size=30))
def test_any_text_is_a_sort_or_a_flaw(text: str) -> None:
    flaws: list[Flaw] = []
    orders = parse_sort([text], flaws)
    assert len(orders) + len(flaws) == text.count(",") + 1
    assert {one.name for one in orders} <= {"title", "created", "expires"}
