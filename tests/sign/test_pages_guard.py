"""What the signer's page keeps back: documents before authentication, files of others, what browsers must not do."""

import io
import re

import httpx
import pytest
from fastapi import Request
from PIL import Image
from tests.conftest import serve
from tests.signer import NIN, REDIRECTS, SIGNING, Signer, shows, state_of
from tests.world import World, agreement, terms, unknown_id

from localsign.core.pages import safe_filename, sealed, unsealed
from localsign.settings import Settings
from localsign.sign import pages as sign_pages

GUARDED = {"preAuthentication": {"enabled": True}}


# ---- authentication before anything is shown


def test_documents_are_behind_the_authentication(world: World) -> None:
    session = world.session(**GUARDED, signText="Secret text", title="Contract")
    document = session["documents"][0]["documentId"]
    signer = Signer(session)

    seen = shows(signer.get(), 200, "Contract", "Show who you are")

    assert (seen.all("img", "src"), "Secret text" in seen.text) == ([], False)
    assert document not in signer.get().text
    for path in (f"view/{document}", f"view/{document}/1.png"):
        shows(signer.get(path), 403, "Show who you are first")
    for action in ("sign", "reject"):
        shows(signer.post({**SIGNING, "action": action, "consent": "yes"}), 403, "Show who you are first")
    assert state_of(world, session) == "READY"


def test_authentication_opens_the_documents(world: World) -> None:
    session = world.session(**GUARDED)
    signer = Signer(session)

    answer = signer.post({"action": "authenticate", "name": "Kari", "nin": "77", "eid": "nbid"})

    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert re.search(r"; HttpOnly; .*Path=/w/[^/;]+/sign/; SameSite=lax$", cookie)
    seen = shows(signer.get(), 200, "To sign")
    assert (seen.value("name"), seen.value("nin")) == ("Kari", "77")
    assert signer.get(f"view/{session['documents'][0]['documentId']}").status_code == 200
    assert signer.post(SIGNING).status_code == 303
    assert "Download" in signer.look().text
    assert "Download" not in Signer(session).look().text


def test_the_wrong_person_is_not_let_in(world: World) -> None:
    asked = {"nationalIdentificationNumber": NIN, "validations": ["NATIONAL_IDENTIFICATION_NUMBER"]}
    signer = Signer(world.session(**GUARDED, signer=asked))
    answer = signer.post({"action": "authenticate", "name": "Kari", "nin": "77", "eid": "nbid"})
    shows(answer, 422, "not the number of the person")
    assert "set-cookie" not in answer.headers


def test_a_proof_is_for_one_session_and_half_an_hour(world: World) -> None:
    first, second = world.session(**GUARDED), world.session(**GUARDED)
    signer = Signer(first)
    signer.post({"action": "authenticate", "name": "Kari", "eid": "nbid"})
    [(name, value)] = signer.cookies.items()
    forged = {
        f"localsign-signer-{second['id'].replace('-', '')}": value,
        name: value[:-2] + ("AA" if value[-2:] != "AA" else "BB"),
    }
    for session, cookie in zip((second, first), forged.items(), strict=True):
        header = {"Cookie": "=".join(cookie)}
        shows(httpx.get(session["signatureUrl"], headers=header), 200, "Show who you are")
    shows(signer.get(), 200, "To sign")
    world.advance("PT31M")
    shows(signer.get(), 200, "Show who you are")


def test_leaving_needs_no_proof(world: World) -> None:
    session = world.session(**GUARDED, redirectSettings=REDIRECTS)
    for action in ("cancel", "error"):
        location = Signer(session).post({"action": action}).headers["location"]
        assert location.startswith(f"https://app.test/{action}?")


def test_authentication_may_offer_its_own_eids(world: World) -> None:
    providers = {"preAuthentication": {"enabled": True, "identityProviders": [{"idpName": "mitid"}]}}
    assert Signer(world.session(**providers)).look().value("eid") == "mitid"


# ---- files


def test_pictures_and_downloads(world: World) -> None:
    session = world.session()
    document = session["documents"][0]["documentId"]
    signer = Signer(session)

    picture, file = signer.get(f"view/{document}/2.png"), signer.get(f"view/{document}")

    assert (picture.headers["content-type"], Image.open(io.BytesIO(picture.content)).width) == ("image/png", 1000)
    assert file.content == agreement()
    assert file.headers["content-disposition"] == 'attachment; filename="document.pdf"'


def test_a_document_that_goes_while_it_is_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bytes are removed between the look that finds it and the answer."""
    found = sign_pages._paper

    async def then_gone(request: Request, token: str, document_id: str) -> sign_pages.Paper:
        paper = await found(request, token, document_id)
        paper.path.unlink(missing_ok=True)
        return paper

    monkeypatch.setattr(sign_pages, "_paper", then_gone)
    for path, words in (("", "no such document"), ("/1.png", "no such")):
        session = world.session()
        shows(Signer(session).get(f"view/{session['documents'][0]['documentId']}{path}"), 404, words)


@pytest.mark.parametrize("page", ["0", "3", "-1", "x", "1.5", "01", "²", "99999999999"])
def test_pages_out_of_range(world: World, page: str) -> None:
    session = world.session()
    shows(Signer(session).get(f"view/{session['documents'][0]['documentId']}/{page}.png"), 404, "no such page")


def test_a_text_has_no_pictures(world: World) -> None:
    session = world.session(world.collect(world.upload(terms(), "text/plain")))
    shows(Signer(session).get(f"view/{session['documents'][0]['documentId']}/1.png"), 404, "no such page")


def test_only_documents_of_the_session_can_be_seen(world: World) -> None:
    other = world.session()
    theirs = other["documents"][0]["documentId"]
    world.sign(other)
    result = world.read(other)["output"]["signatures"][0]["resultDocumentId"]
    signer = Signer(world.session())
    for document in (theirs, result, world.upload(), unknown_id(), "x", "..world.db", "%00"):
        shows(signer.get(f"view/{document}"), 404, "no such document")
        shows(signer.get(f"view/{document}/1.png"), 404, "no such document")
    shows(httpx.get(f"{world.url}/sign/view/{theirs}"), 404, "leads nowhere")
    assert signer.get("view/..%2f..%2fworld.db").status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type", "safe"),
    [
        ("lease.pdf", "application/pdf", "lease.pdf"),
        ("Lease.PDF", "application/pdf", "Lease.PDF"),
        ("", "application/pdf", "document.pdf"),
        ("../../etc/passwd", "text/plain", "_.._etc_passwd.txt"),
        ("a\r\nSet-Cookie: x", "text/plain", "a__Set-Cookie_ x.txt"),
        ("invoice.exe", "application/pdf", "invoice.exe.pdf"),
        ("annex\u202efdp.exe", "application/pdf", "annex_fdp.exe.pdf"),
        (" .pdf", "application/pdf", "pdf.pdf"),
        ("x" * 300 + ".md", "text/markdown", "x" * 120 + ".md"),
        ("avtale å.pdf", "application/pdf", "avtale å.pdf"),
    ],
)
def test_filenames_are_safe(name: str, media_type: str, safe: str) -> None:
    assert safe_filename(name, media_type) == safe


def test_odd_names_do_not_reach_headers(world: World) -> None:
    document = world.upload()
    world.api.patch(f"/sign/documents/{document}/metadata", json={"filename": '../"å\r\n;x.exe'})
    answer = Signer(world.session(world.collect(document))).get(f"view/{document}")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''__%C3%A5__%3Bx.exe.pdf"


# ---- the frame


def test_everything_is_locked_down(world: World) -> None:
    session = world.session()
    signer = Signer(session)
    view = f"view/{session['documents'][0]['documentId']}"
    for answer in (signer.get(), signer.get(view), signer.get(view + "/1.png"), signer.post({}), signer.post(SIGNING)):
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert (policy["default-src"], policy["base-uri"], policy["img-src"]) == ("'none'", "'none'", "'self' data:")
        assert policy["style-src"].startswith("'sha256-")
        assert "form-action" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"


def test_the_pages_are_known_operations(world: World) -> None:
    answer = Signer(world.session()).get()
    assert answer.headers["x-sandbox-operation"] == "sign.signing_page; evidence=inferred"


def test_the_default_workspace_needs_no_prefix() -> None:
    for own in serve(Settings(public_url="https://sign.test", client_secret="s")):
        world = World(
            {"name": "default", "base_url": own.url, "clients": [{"client_id": "localsign", "client_secret": "s"}]}
        )
        session = world.session(**GUARDED)
        assert session["signatureUrl"].startswith("https://sign.test/sign/?sessionId=")
        signer = Signer(session["signatureUrl"].replace("https://sign.test", own.url))
        shows(signer.get(), 200, "Show who you are")
        answer = signer.post({"action": "authenticate", "name": "Kari", "eid": "nbid"})
        assert answer.headers["location"].startswith("/sign/?sessionId=")
        assert "Path=/sign/; SameSite=lax; Secure" in answer.headers["set-cookie"]
        world.close()


def test_what_is_sealed_cannot_be_changed() -> None:
    text = sealed(b"key", "door", {"name": "Æ"})
    assert unsealed(b"key", "door", text) == {"name": "Æ"}
    for key, purpose, changed in ((b"other", "door", text), (b"key", "gate", text), (b"key", "door", "x" + text)):
        assert unsealed(key, purpose, changed) is None
    assert unsealed(b"key", "door", "") is None
    assert unsealed(b"key", "door", "é.é") is None
