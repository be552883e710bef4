"""The signer's page over HTTP: the page of every state, every click, and where it leads."""

import io
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx
import pytest
from sqlmodel import col, select
from tests.conftest import Server
from tests.signer import REDIRECTS, SIGNING, Seen, Signer, shows, state_of
from tests.world import NO_TLS, World, unknown_id

from localsign.core.pages import with_query
from localsign.core.tables import Announcement


def announced(server: Server, world: World, name: str) -> int:
    with server.sandbox.find(world.name).work() as work:
        return len(work.db.exec(select(Announcement).where(col(Announcement.name) == name)).all())


# ---- states


def test_a_ready_session_shows_documents_and_form(world: World) -> None:
    document = world.upload()
    world.api.patch(f"/sign/documents/{document}/metadata", json={"title": "The lease", "filename": "lease.pdf"})
    signer = Signer(world.session(world.collect(document), title="Seaview Road"))

    seen = shows(signer.get(), 200, "Seaview Road", "The lease", "To sign", "PDF · 4 kB · 2 pages", "Simulated")

    assert len(seen.all("img", "src")) == 2
    assert all(held["loading"] == "lazy" and held["alt"] for tag, held in seen.tags if tag == "img")
    assert seen.all("button", "value") == ["sign", "cancel", "error", "reject"]
    assert not seen.all("script", "src")
    assert "<script" not in signer.get().text


def test_view_documents_are_told_apart(world: World) -> None:
    collection = world.collect(world.upload(), world.upload())
    first, second = world.a_session(collection)["documents"]
    seen = Signer(world.session(documents=[first, {**second, "action": "VIEW"}])).look()
    assert "To sign" in seen.text
    assert "To read" in seen.text


def test_long_documents_are_cut(world: World) -> None:
    from reportlab.pdfgen.canvas import Canvas

    content = io.BytesIO()
    canvas = Canvas(content)
    for _ in range(12):
        canvas.showPage()
    canvas.save()
    signer = Signer(world.session(world.collect(world.upload(content.getvalue()))))

    seen = shows(signer.get(), 200, "2 more pages")

    assert len(seen.all("img", "src")) == 10


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_texts_are_text(world: World, media_type: str) -> None:
    text = "\n<script>alert(1)</script> # Not a heading\x00 & Ærlig"
    signer = Signer(world.session(world.collect(world.upload(text.encode(), media_type))))
    page = signer.get().text
    assert '<pre dir="auto">\n\n&lt;script&gt;alert(1)&lt;/script&gt; # Not a heading' in page
    assert "<script" not in page


def test_a_long_text_is_cut(world: World) -> None:
    signer = Signer(world.session(world.collect(world.upload(b"a" * 100_001, "text/plain"))))
    seen = shows(signer.get(), 200, "The text goes on")
    assert "a" * 100_000 in seen.text
    assert "a" * 100_001 not in seen.text


def test_integrators_texts_are_escaped(world: World) -> None:
    nasty = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    document = world.upload()
    world.api.patch(f"/sign/documents/{document}/metadata", json={"title": nasty, "description": nasty})
    setup = {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": nasty}]}
    collection = world.collect(document)
    session = world.session(
        collection, title=nasty, signText=nasty, signingSetup=[setup], signer={"nationalIdentificationNumber": nasty}
    )
    ready = Signer(session).get()
    world.sign(session, signer={"name": nasty})
    for page in (ready, Signer(session).get()):
        assert "<script" not in page.text
        assert not [held for _, held in Seen(page.text).tags if "onerror" in held]


def test_the_language_of_the_integrators_texts_is_told(world: World) -> None:
    assert '<h1 dir="auto" lang="nb">' in Signer(world.session(ui={"language": "nb"})).get().text


@pytest.mark.parametrize("token", ["", "nope", "0" * 36, unknown_id(), "{" + unknown_id() + "}", "a" * 5000, "../x"])
def test_unknown_links(world: World, token: str) -> None:
    shows(httpx.get(f"{world.url}/sign/", params={"sessionId": token}), 404, "leads nowhere")
    shows(httpx.post(f"{world.url}/sign/", params={"sessionId": token}, data=SIGNING), 404, "leads nowhere")


def test_the_id_of_a_session_is_no_link(world: World) -> None:
    shows(httpx.get(f"{world.url}/sign/", params={"sessionId": world.session()["id"]}), 404, "signatureUrl")


def test_a_link_of_another_workspace_is_unknown(world: World, server: Server) -> None:
    path = "/sign/?" + urlsplit(world.session()["signatureUrl"]).query
    shows(httpx.get(server.url + path), 404, "leads nowhere")


def test_expired_links_show_nothing_and_do_nothing(world: World) -> None:
    session = world.session(signatureUrlTTL=5)
    document = session["documents"][0]["documentId"]
    world.advance("PT6M")
    signer = Signer(session)
    shows(signer.get(), 410, "This link has expired")
    shows(signer.post(SIGNING), 410, "This link has expired")
    shows(signer.get(f"view/{document}"), 410, "This link has expired")

    renewed = world.read(session)

    assert renewed["lifecycle"]["state"] == "READY"
    shows(Signer(renewed).get(), 200, "Rental agreement")


def test_a_deleted_session_is_gone(world: World) -> None:
    session = world.session()
    world.api.delete(f"/sign/signing-sessions/{session['id']}")
    shows(Signer(session).get(), 410, "withdrawn")


def test_after_the_due_date_nothing_can_be_signed(world: World) -> None:
    session, signed = world.session(), world.session()
    world.sign(signed)
    world.advance("P46D")
    shows(Signer(session).get(), 410, "The time to sign is over")
    assert Signer(signed).look().all("a", "href") == ["#content"]


def test_a_blocked_session_waits_and_hides_its_documents(world: World) -> None:
    first = world.session()
    second = world.session(subsequentTo=[first["id"]])
    signer = Signer(second)
    assert shows(signer.get(), 200, "not your turn").all("img", "src") == []
    shows(signer.get(f"view/{second['documents'][0]['documentId']}"), 403, "not shown")
    shows(signer.post(SIGNING), 409, "not your turn")

    world.sign(first)

    shows(signer.get(), 200, "To sign")


def test_the_first_look_opens_once(world: World, server: Server) -> None:
    signer = Signer(world.session())
    assert announced(server, world, "signing-session.opened") == 0
    for _ in range(3):
        signer.get()
    assert announced(server, world, "signing-session.opened") == 1


# ---- clicks


def test_signing_ends_on_a_page_of_ours(world: World) -> None:
    session = world.session(packageTo=["PADES_CONTAINER"])
    signer = Signer(session)

    answer = signer.post(SIGNING)

    assert (answer.status_code, answer.headers["location"]) == (
        303,
        signer.link.removeprefix(world.url[: -len(urlsplit(world.url).path)]),
    )
    assert state_of(world, session) == "SIGNED"
    seen = shows(signer.get(), 200, "Kari Nordmann signed on", "XADES", "PADES_CONTAINER", "You can close this page")
    links = [link for link in seen.all("a", "href") if link.startswith("view/")]
    files = [signer.request("GET", f"{world.url}/sign/{link}") for link in links]
    assert [file.headers["content-type"] for file in files] == ["application/xml", "application/pdf"]
    assert all(file.headers["content-disposition"].startswith("attachment") for file in files)


def test_rejecting_with_a_reason(world: World) -> None:
    session = world.session()
    signer = Signer(session)
    assert signer.post({"action": "reject", "reason": " Wrong\r\nprice "}).status_code == 303
    lifecycle = world.read(session)["lifecycle"]
    assert (lifecycle["state"], lifecycle["rejectReason"]) == ("REJECTED", "Wrong\nprice")
    shows(signer.get(), 200, "Signing was rejected")
    shows(signer.get(f"view/{session['documents'][0]['documentId']}"), 403, "not shown")


@pytest.mark.parametrize(
    ("action", "words"), [("cancel", "You left without signing"), ("error", "The eID did not work")]
)
def test_leaving_keeps_the_session_ready(world: World, action: str, words: str) -> None:
    session = world.session(signText="I agree")
    signer = Signer(session)
    answer = signer.post({"action": action})
    assert answer.status_code == 303
    shows(
        httpx.get(urlsplit(signer.link)._replace(path="", query="").geturl() + answer.headers["location"]), 200, words
    )
    assert state_of(world, session) == "READY"
    shows(signer.get(ended="something"), 200, "To sign")


@pytest.mark.parametrize("action", ["success", "cancel", "error", "reject"])
def test_redirects_keep_what_the_integrator_wrote(world: World, action: str) -> None:
    session = world.session(
        externalReference="a b&c=ø/1", redirectSettings={**REDIRECTS, "reject": "https://app.test/reject"}
    )
    form = {**SIGNING, "action": "sign" if action == "success" else action}
    location = Signer(session).post(form).headers["location"]
    added = f"externalReference=a%20b%26c%3D%C3%B8%2F1&sessionId={session['id']}"
    before = "https://app.test/reject?" if action == "reject" else f"https://app.test/{action}?own=1&status=mine&"
    assert location == before + added + ("" if action == "reject" else "#part")


def test_without_a_rejection_redirect_the_page_is_ours(world: World) -> None:
    signer = Signer(world.session(redirectSettings=REDIRECTS))
    assert signer.post({"action": "reject"}).headers["location"].startswith("/w/")


@pytest.mark.parametrize(
    ("url", "result"),
    [
        ("http://localhost:3000", "http://localhost:3000?a=1"),
        ("http://x.test/?", "http://x.test/?a=1"),
        ("http://x.test/?b=%20&", "http://x.test/?b=%20&a=1"),
        ("http://x.test/#/route?x=1", "http://x.test/?a=1#/route?x=1"),
        ("my-app:done", "my-app:done?a=1"),
        ("https://ærlig.test/å?b={|}", "https://%C3%A6rlig.test/%C3%A5?b={|}&a=1"),
        ("http://x.test/\x00\x1b", "http://x.test/%00%1B?a=1"),
    ],
)
def test_parameters_are_appended(url: str, result: str) -> None:
    assert with_query(url, {"a": "1"}) == result


def test_a_final_session_leads_on(world: World) -> None:
    session = world.session(redirectSettings=REDIRECTS)
    world.sign(session)
    expected = f"https://app.test/success?own=1&status=mine&sessionId={session['id']}#part"
    assert expected in Signer(session).look().all("a", "href")


def test_late_clicks_show_what_happened(world: World) -> None:
    session = world.session()
    world.act(session, "reject")
    for action in ("sign", "reject", "cancel", "error", "authenticate", ""):
        shows(Signer(session).post({**SIGNING, "action": action}), 409, "rejected", "Your click changed nothing")


def test_of_200_clicks_one_wins(world: World, server: Server) -> None:
    session = world.session()

    def click(number: int) -> httpx.Response:
        return httpx.post(session["signatureUrl"], data=SIGNING, timeout=60, verify=NO_TLS)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(click, range(200)))
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * 199
    for answer in answers:
        if answer.status_code == 409:
            shows(answer, 409, "Signed", "Your click changed nothing")
    assert len(world.read(session)["output"]["signatures"]) == 1
    assert announced(server, world, "signing-session.completed") == 1
