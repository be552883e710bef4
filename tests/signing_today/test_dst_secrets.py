"""Tickets sign without a login: the journal does not show them, wherever they stood."""

import re

import pytest
from tests.signing_today.test_tray import Person, links
from tests.signing_today.transactions import Desk, a_plan, external


@pytest.mark.parametrize("part", ["journal?limit=100", "journal/har", "journal/curl"])
def test_no_ticket_is_in_the_journal(desk: Desk, part: str) -> None:
    dst = desk.published(a_plan([external(1)]))
    link = links(desk.read(dst))[1, 1]
    ticket = link.rpartition("/")[2]
    person = Person()
    for path in ("", "/document/1", "/document/1/1.png"):
        assert person.opens(link + path).status_code == 200
    assert person.clicks(link, "Sign").status_code == 303
    person.client.close()
    shown = desk.world.control("GET", part)
    assert shown.status_code == 200
    assert re.search("ticket", shown.text)
    assert ticket not in shown.text
