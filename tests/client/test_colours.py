"""The two colours are one: the blocking one is made from the other."""

from tests.client.colours import ROOT, stale


def test_the_blocking_colour_is_current() -> None:
    assert [str(one.relative_to(ROOT)) for one in stale()] == [], "run `make face`"
