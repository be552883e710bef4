"""The signature tray, as whoever has the link of a ticket gets it."""

import io
import re
from collections.abc import Iterator

import httpx
import pytest
from PIL import Image
from tests.signer import Seen
from tests.signing_today.people import ANNA, BRUNO, refused
from tests.signing_today.transactions import (
    Desk,
    a_plan,
    a_request,
    a_text,
    account,
    external,
    one_after_the_other,
)
from tests.world import NO_TLS, Json, unknown_id

from localsign.signing_today import pages as tray


class Person:
    """Somebody with a browser."""

    def __init__(self) -> None:
        self.client = httpx.Client(timeout=60, verify=NO_TLS)

    def opens(self, link: str) -> httpx.Response:
        return self.client.get(link)

    def clicks(self, link: str, button: str, headers: Json | None = None, **fields: str) -> httpx.Response:
        """Click a button by what stands on it, as the page has it; `fields` by what stands at their end."""
        page = self.client.get(link).text
        found = re.search(rf'<button[^>]*value="([^"]+)">{re.escape(button)}', page)
        action = found[1] if found else button
        areas = re.findall(r'<textarea id="([^"]+)"', page)
        named = {area: value for area in areas for end, value in fields.items() if area.endswith(end)}
        return self.client.post(link, data={"action": action, **named}, headers=headers)


@pytest.fixture
def person() -> Iterator[Person]:
    person = Person()
    yield person
    person.client.close()


def links(dst: Json) -> dict[tuple[int, int], str]:
    """The tickets of a DST by document and request."""
    return {
        (document["id"], request["id"]): request["extraData"]["st_ticketUrl"]
        for document in dst["documents"]
        for request in document["signatureRequests"]
        if "st_ticketUrl" in request["extraData"]
    }


def heading(answer: httpx.Response) -> str:
    found = re.search(r"<h1[^>]*>\s*(.*?)\s*</h1>", answer.text, re.DOTALL)
    assert found, answer.text
    return found[1]


def test_a_ticket_shows_what_is_to_be_signed(desk: Desk, person: Person) -> None:
    request = a_request(description="For the <company>")
    dst = desk.published(a_plan([external(1)], signatureRequests=[request]), title="A & B")
    answer = person.opens(links(dst)[1, 1])
    assert answer.status_code == 200
    seen = Seen(answer.text)
    assert heading(answer) == "A &amp; B"
    assert "Ivo Instructor asks Eve External to sign" in seen.text
    assert "For the <company>" in seen.text
    assert "As the buyer" in seen.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_signing_in_the_tray(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)]))
    link = links(dst)[1, 1]
    answer = person.clicks(link, "Sign")
    assert answer.status_code == 303
    assert link.endswith(answer.headers["location"])
    assert desk.read(dst)["status"] == "signed"
    assert heading(person.opens(link)) == "Signed by all"
    late = person.clicks(link, "sign all")
    assert (late.status_code, heading(late)) == (409, "Signed by all")
    assert "Your click changed nothing" in late.text


def test_declining_in_the_tray(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)]))
    link = links(dst)[1, 1]
    assert person.clicks(link, "Decline", reason="Too dear").status_code == 303
    dst = desk.read(dst)
    assert (dst["status"], dst["signatures"][0]["declinedReason"]) == ("rejected", "Too dear")
    assert heading(person.opens(link)) == "Signing was declined"


def test_what_cannot_be_declined_has_no_button_for_it(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)], signatureRequests=[a_request(declinable=False)]))
    link = links(dst)[1, 1]
    assert "Decline" not in person.opens(link).text
    answer = person.clicks(link, "decline all")
    assert answer.status_code == 422
    assert "cannot be declined" in answer.text
    assert desk.read(dst)["status"] == "toSign"


def test_a_reason_may_not_be_endless(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)]))
    answer = person.clicks(links(dst)[1, 1], "Decline", reason="x" * 2001)
    assert answer.status_code == 422
    assert "at most 2000 characters" in answer.text
    assert desk.read(dst)["status"] == "toSign"


def test_filling_in_the_tray(desk: Desk, person: Person) -> None:
    forms = [a_text(11), a_text(12, extraData={"text": "Suggested"})]
    dst = desk.published(a_plan([external(1)], forms=forms))
    assert links(dst) == {}  # there is no ticket before there is something to sign
    [mail] = desk.mails("eve@example.com")
    [link] = mail.links
    page = person.opens(link).text
    assert "asks" in page
    assert "Suggested" in page
    [first, second] = re.findall(r'<textarea id="([^"]+)"', page)
    answer = person.client.post(link, data={"action": "fill all", first: "", second: "Roma"})
    assert answer.status_code == 422
    assert "Text 1 is missing." in answer.text
    assert "Roma" in answer.text
    assert desk.read(dst)["status"] == "toFill"
    answer = person.client.post(link, data={"action": "fill all", first: "Napoli", second: "Roma"})
    assert answer.status_code == 303
    dst = desk.read(dst)
    assert dst["status"] == "toSign"
    assert [form["extraData"]["text"] for form in dst["documents"][0]["forms"]] == ["Napoli", "Roma"]
    assert person.clicks(link, "Sign").status_code == 303
    assert desk.read(dst)["status"] == "signed"


def test_a_world_may_choose_where_a_text_is_kept(desk: Desk, person: Person) -> None:
    desk.choose("text-member", "value")
    dst = desk.published(a_plan([external(1)], forms=[a_text()]))
    [link] = desk.mails("eve@example.com")[0].links
    person.clicks(link, "Fill in", text="Napoli")
    assert desk.read(dst)["documents"][0]["forms"][0]["extraData"] == {"value": "Napoli"}


def test_all_signatures_of_a_person_are_made_with_one_click(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([account(ANNA)]), a_plan([account(BRUNO, 1)]), a_plan([account(ANNA)]))
    link = links(dst)[1, 1]
    assert "Sign all 2" in person.opens(link).text
    person.clicks(link, "Sign all 2")
    dst = desk.read(dst)
    assert [one["status"] for one in dst["documents"]] == ["signed", "plain", "signed"]
    assert heading(person.opens(link)) == "You have done your part"


def test_who_comes_later_waits(desk: Desk, person: Person) -> None:
    dst = desk.published(one_after_the_other())
    link = links(dst)[1, 2]
    assert heading(person.opens(link)) == "It is not your turn yet"
    assert person.clicks(link, "sign all").status_code == 409
    desk.act(dst, "sign")
    assert "Sign" in person.opens(link).text
    assert person.clicks(link, "Sign").status_code == 303
    assert desk.read(dst)["status"] == "signed"


def test_documents_are_read_in_the_tray(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)], forms=[a_text()]))
    dst = desk.act(dst, "fill", text="Napoli")
    link = links(dst)[1, 1]
    pictures = Seen(person.opens(link).text).all("img", "src")
    assert len(pictures) == 2
    picture = person.opens(f"{link.rpartition('/')[0]}/{pictures[0]}")
    assert Image.open(io.BytesIO(picture.content)).width == 1000
    file = person.opens(f"{link}/document/1")
    assert file.content == desk.download(dst["documents"][0]["filledDocumentUuid"])
    assert file.headers["content-disposition"].startswith("attachment")
    for path in ("/document/2", "/document/x", "/document/1/3.png", "/document/1/0.png", "/document/99999999999"):
        answer = person.opens(link + path)
        assert answer.status_code == 404
        assert "There is no such" in heading(answer)


def test_a_document_that_goes_while_it_is_looked_at(
    desk: Desk, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are removed between the look that finds it and the answer."""
    link = links(desk.published(a_plan([external(1)])))[1, 1]
    found = tray._paper

    def then_gone(visit: tray.Visit, number: str) -> tray.Paper:
        paper = found(visit, number)
        paper.file.unlink()
        return paper

    monkeypatch.setattr(tray, "_paper", then_gone)
    answer = person.opens(f"{link}/document/1")
    assert (answer.status_code, heading(answer)) == (404, "There is no such document")


def test_documents_are_not_shown_after_the_end_but_signed_ones(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)]))
    link = links(dst)[1, 1]
    desk.act(dst, "decline")
    assert person.opens(f"{link}/document/1").status_code == 403
    signed = desk.signed(a_plan([external(1)], signatureRequests=[a_request(signProfile="CAdES")]))
    link = links(signed)[1, 1]
    assert person.opens(f"{link}/document/1").headers["content-type"] == "application/pkcs7-mime"
    assert person.opens(f"{link}/document/1/1.png").status_code == 200


def test_a_link_that_leads_nowhere(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)]))
    link = links(dst)[1, 1]
    for wrong in (unknown_id(), "x", "%00", "..%2f", dst["id"]):
        for path in ("", "/document/1", "/document/1/1.png"):
            answer = person.opens(f"{link.rpartition('/')[0]}/{wrong}{path}")
            assert answer.status_code in (404, 400)
    desk.call("DELETE", f"/DST/{dst['id']}", 204)
    answer = person.opens(link)
    assert (answer.status_code, heading(answer)) == (410, "This was withdrawn")
    assert person.client.post(link, data={"action": "sign all"}).status_code == 410


def test_time_runs_out_in_the_tray(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)]))
    desk.world.advance("P31D")
    answer = person.opens(links(dst)[1, 1])
    assert (answer.status_code, heading(answer)) == (200, "The time to sign is over")


def test_another_site_cannot_click(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([external(1)]))
    answer = person.clicks(links(dst)[1, 1], "Sign", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, heading(answer)) == (403, "This came from another site")
    assert desk.read(dst)["status"] == "toSign"


@pytest.mark.parametrize(
    "content", [b"", b"action=dance", b"action=sign", b"action=sign+x", b"action=\xff", b"&" * 500, b"a=1&" * 200]
)
def test_a_form_that_is_none(desk: Desk, person: Person, content: bytes) -> None:
    dst = desk.published(a_plan([external(1)]))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = person.client.post(links(dst)[1, 1], content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("text/html")
    assert desk.read(dst)["status"] == "toSign"


def test_a_ticket_is_good_for_its_person_only(desk: Desk, person: Person) -> None:
    dst = desk.published(a_plan([account(ANNA, 1), account(BRUNO, 2)]))
    page = person.opens(links(dst)[1, 2]).text
    [action] = re.findall(r'value="(sign [^"]+)"', page)
    answer = person.client.post(links(dst)[1, 1], data={"action": action})
    assert answer.status_code == 422
    assert desk.read(dst)["signatures"] == []


def test_who_gets_the_tickets(desk: Desk) -> None:
    dst = desk.published(a_plan([account(ANNA, 1), account(BRUNO, 2)]))
    people = desk.people
    assert set(links(dst)) == set(links(desk.by(people.admin).read(dst))) == {(1, 1), (1, 2)}
    assert set(links(desk.by(people.anna).read(dst))) == {(1, 1)}


def test_the_address_for_signing_opens_the_tray(desk: Desk, person: Person) -> None:
    dst = desk.published(one_after_the_other())
    anna, bruno = desk.by(desk.people.anna), desk.by(desk.people.bruno)
    path = f"/DST/{dst['id']}/sign/1"
    url = anna.call("GET", f"{path}/1")["url"]
    assert "Anna Rossi" in person.opens(url).text
    refused(anna.client.get(f"{path}/2"), 403, "signId")
    refused(bruno.client.get(f"{path}/2"), 403, "signId")
    refused(desk.client.get(f"{path}/1"), 403, "signId")
    refused(anna.client.get(f"{path}/9"), 404)
    refused(anna.client.get(f"/DST/{dst['id']}/sign/9/1"), 404)
    refused(anna.client.get(f"/DST/{unknown_id()}/sign/1/1"), 404)
    desk.act(dst, "sign")
    refused(anna.client.get(f"{path}/1"), 403, "signId")
    assert bruno.call("GET", f"{path}/2")["url"]
    desk.act(dst, "sign")
    refused(bruno.client.get(f"{path}/2"), 404)
