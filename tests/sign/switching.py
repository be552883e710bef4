"""What each switch of Sign v2 changes: a scenario gives an answer that differs with each value."""

from collections.abc import Callable

from tests.world import PKI, World


def closed_collection(world: World) -> object:
    collection = world.collect(packageTo=["PADES_CONTAINER"])
    world.sign(world.session(collection))
    return world.api.post("/sign/signing-sessions", json=[world.a_session(collection)]).status_code


def document_hash(world: World) -> object:
    answer = world.api.post("/sign/documents", content=b"x", headers={"Content-Type": "text/plain"})
    document = answer.json()["documentId"]
    info = world.api.get(f"/sign/documents/{document}/metadata").json()
    assert info["documentHash"] == answer.json()["documentHash"]
    return answer.json()["documentHash"]["hash"]


def empty_title(world: World) -> object:
    return world.api.post("/sign/signing-sessions", json=[world.a_session(title="")]).status_code


def markdown(world: World) -> object:
    return world.api.post("/sign/documents", content=b"# x", headers={"Content-Type": "text/markdown"}).status_code


def pki_vendor(world: World) -> object:
    setup = {name: value for name, value in PKI.items() if name != "vendor"}
    return world.api.post("/sign/signing-sessions", json=[world.a_session(signingSetup=[setup])]).status_code


def signed_after_due(world: World) -> object:
    session = world.session()
    world.sign(session)
    world.advance("P46D")
    return world.api.get(f"/sign/signing-sessions/{session['id']}").status_code


def unknown_members(world: World) -> object:
    return world.api.post("/sign/signing-sessions", json=[world.a_session(surprise=1)]).status_code


def unsupported_media_type(world: World) -> object:
    answer = world.api.post("/sign/documents", content=b"x", headers={"Content-Type": "image/png"})
    assert [one["name"] for one in answer.json()["invalidParams"]] == ["Content-Type"]
    return answer.status_code


def url_renewal(world: World) -> object:
    session = world.session(signatureUrlTTL=5)
    world.advance("PT6M")
    return world.read(session)["signatureUrl"] == session["signatureUrl"]


SCENARIOS: dict[str, Callable[[World], object]] = {
    "sign.closed-collection": closed_collection,
    "sign.document-hash": document_hash,
    "sign.empty-title": empty_title,
    "sign.markdown": markdown,
    "sign.pki-vendor": pki_vendor,
    "sign.signed-after-due": signed_after_due,
    "sign.unknown-members": unknown_members,
    "sign.unsupported-media-type": unsupported_media_type,
    "sign.url-renewal": url_renewal,
}
