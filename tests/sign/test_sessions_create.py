"""Creating signing sessions: the schema, both sides of every limit, and all or nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.world import AUTHENTICATION_BASED, PKI, Json, World, refused, shown, unknown_id

NOW = "2040-01-31T12:00:00.250Z"
LANGUAGES = ["ca", "da", "de", "en", "es", "et", "fi", "fo", "fr", "it", "nb", "nl", "nn", "sv"]
VENDORS = ["AUDKENNI", "BUYPASS", "ESTEID", "MOBILEID", "NBID", "SK_MOBILEID", "SMARTID"]  # and SBID
REDIRECTS = {"success": "https://a.test/ok", "cancel": "http://localhost:5000/c?x=1", "error": "app://error"}


def post(world: World, *wanted: Any) -> httpx.Response:
    return world.api.post("/sign/signing-sessions", json=list(wanted))


def texts(world: World, count: int) -> Json:
    """A collection of `count` new texts."""
    return world.collect(*(world.upload(b"text %d" % number, "text/plain") for number in range(count)))


# ---- what comes back


def test_a_session_of_the_least_that_is_required(world: World) -> None:
    now = world.freeze(NOW)
    collection = world.collect()
    answer = post(world, world.a_session(collection))
    assert answer.status_code == 201
    [session] = answer.json()
    token = session["signatureUrl"].removeprefix(f"{world.url}/sign/?sessionId=")
    assert str(UUID(token)) == token != session["id"]
    in_45_days = shown(now + timedelta(days=45))
    assert session == {
        "id": session["id"],
        "title": "Rental agreement",
        "documents": [
            {
                "documentCollectionId": collection["id"],
                "documentId": collection["documents"][0]["documentId"],
                "action": "SIGN",
            }
        ],
        "signingSetup": [AUTHENTICATION_BASED],
        "subsequentTo": [],
        "packageTo": [],
        "dueDate": in_45_days,
        "signatureUrl": session["signatureUrl"],
        "signatureUrlExpiresAt": in_45_days,
        "lifecycle": {"state": "READY", "stateIsFinal": False},
        "output": {"signatures": [], "packages": []},
    }
    assert world.read(session) == session


def test_everything_that_was_asked_for_is_echoed(world: World) -> None:
    world.freeze(NOW)
    before = world.session()
    wanted = world.a_session(
        signatureUrlTTL=60,
        signText="Please sign this document",
        dueDate="2040-02-01T12:00:00Z",
        externalReference="order-42/ø",
        signingSetup=[
            {
                "signingFlow": "AUTHENTICATION_BASED",
                "identityProviders": [{"idpName": "nbid"}, {"idpName": "sbid"}],
                "vendor": "NBID",
                "additionalParameters": {"sbid_flow": "QR", "sbid_end_user_ip": "127.0.0.1"},
                "requestedAttributes": ["nin"],
            }
        ],
        subsequentTo=[before["id"]],
        packageTo=["PADES_CONTAINER"],
        signer={
            "nationalIdentificationNumber": "01019012345",
            "validations": ["NATIONAL_IDENTIFICATION_NUMBER"],
            "restrictUse": [{"parameter": "NIN", "restriction": "NO_USE"}],
        },
        archive={"sendSignatureResultsToArchive": True, "retentionPeriod": "P1Y"},
        preAuthentication={"enabled": True, "identityProviders": [{"idpName": "mitid"}]},
        ui={"language": "nb"},
        redirectSettings={**REDIRECTS, "reject": "https://a.test/no"},
    )
    session = world.session(**wanted)
    assert {member: session[member] for member in wanted} == wanted
    assert world.read(session) == session


def test_ids_and_links_are_never_the_same_twice(world: World) -> None:
    wanted = world.a_session()
    sessions = world.create(wanted, wanted, wanted)
    assert len({one["id"] for one in sessions} | {one["signatureUrl"] for one in sessions}) == 6


def test_the_answer_keeps_the_order_of_the_request(world: World) -> None:
    collection = world.collect()
    titles = [f"title {number}" for number in (3, 1, 4, 1, 5, 9, 2, 6)]
    sessions = world.create(*(world.a_session(collection, title=title) for title in titles))
    assert [one["title"] for one in sessions] == titles


# ---- limits, both sides of each


@pytest.mark.parametrize(
    ("member", "accepted", "refused_value"),
    [
        ("title", "x" * 255, "x" * 256),
        ("title", "Æ" * 255, "Æ" * 256),
        ("title", "", None),
        ("signText", "x" * 2048, "x" * 2049),
        ("externalReference", "x" * 1024, "x" * 1025),
        ("externalReference", None, 5),
        ("signatureUrlTTL", 5, 4),
        ("signatureUrlTTL", 525_600, 525_601),
        ("signatureUrlTTL", 5, 0),
        ("signatureUrlTTL", 5, -5),
        ("signatureUrlTTL", 5, "5"),
        ("signatureUrlTTL", 5, 5.5),
        ("signingSetup", [AUTHENTICATION_BASED], []),
        ("signingSetup", [AUTHENTICATION_BASED], [AUTHENTICATION_BASED] * 2),
        ("packageTo", ["PADES_CONTAINER"] * 5, ["PADES_CONTAINER"] * 6),
        ("packageTo", [], "PADES_CONTAINER"),
        ("signer", {}, "Kari Nordmann"),
        ("ui", {}, []),
    ],
)
def test_a_limit_holds_on_both_sides(world: World, member: str, accepted: Any, refused_value: Any) -> None:
    collection = world.collect()
    session = world.session(collection, **{member: accepted})
    assert session.get(member) == accepted
    refused(post(world, world.a_session(collection, **{member: refused_value})), 400, f"[0].{member}")


def test_a_session_has_1_to_50_documents(world: World) -> None:
    collection = texts(world, 51)
    wanted = world.a_session(collection)
    fifty = world.session(**wanted | {"documents": wanted["documents"][:50]})
    assert fifty["documents"] == wanted["documents"][:50]
    refused(post(world, wanted), 400, "[0].documents")
    refused(post(world, wanted | {"documents": []}), 400, "[0].documents")


def test_a_call_creates_1_to_100_sessions(world: World) -> None:
    wanted = world.a_session()
    assert len(world.create(*[wanted] * 100)) == 100
    refused(post(world, *[wanted] * 101), 400, "body")
    refused(post(world), 400, "body")
    assert world.api.get("/sign/signing-sessions").json()["total"] == 100


def test_a_session_waits_for_up_to_50_others(world: World) -> None:
    wanted = world.a_session()
    ids = [one["id"] for one in world.create(*[wanted] * 51)]
    assert world.session(**wanted, subsequentTo=ids[:50])["subsequentTo"] == ids[:50]
    refused(post(world, {**wanted, "subsequentTo": ids}), 400, "[0].subsequentTo")


# ---- due date


def test_the_due_date_is_at_most_45_days_ahead(world: World) -> None:
    now = world.freeze(NOW)
    collection = world.collect()
    latest = shown(now + timedelta(days=45))
    assert world.session(collection, dueDate=latest)["dueDate"] == latest
    for more in (timedelta(milliseconds=1), timedelta(seconds=1)):
        late = shown(now + timedelta(days=45) + more)
        refused(post(world, world.a_session(collection, dueDate=late)), 400, "[0].dueDate")


def test_the_due_date_lies_in_the_future(world: World) -> None:
    now = world.freeze(NOW)
    collection = world.collect()
    soon = shown(now + timedelta(milliseconds=1))
    assert world.session(collection, dueDate=soon)["dueDate"] == soon
    for moment in (now, now - timedelta(seconds=1)):
        wanted = world.a_session(collection, dueDate=shown(moment))
        refused(post(world, wanted), 400, "[0].dueDate")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("2040-02-01T12:00:00Z", "2040-02-01T12:00:00Z"),
        ("2040-02-01t12:00:00z", "2040-02-01T12:00:00Z"),
        ("2040-02-01T14:00:00+02:00", "2040-02-01T12:00:00Z"),
        ("2040-02-01T12:00:00.5Z", "2040-02-01T12:00:00.500Z"),
        ("2040-02-01T12:00:00.1239999Z", "2040-02-01T12:00:00.123Z"),
    ],
)
def test_a_due_date_is_answered_in_utc(world: World, sent: str, answered: str) -> None:
    world.freeze(NOW)
    assert world.session(dueDate=sent)["dueDate"] == answered


@pytest.mark.parametrize(
    "due", ["tomorrow", "2040-02-01", "2040-02-01T12:00:00", "2040-02-30T12:00:00Z", 2_211_796_800, "", True]
)
def test_a_due_date_that_is_no_instant_is_refused(world: World, due: Any) -> None:
    world.freeze(NOW)
    refused(post(world, world.a_session(dueDate=due)), 400, "[0].dueDate")


def test_null_for_the_due_date_means_the_default(world: World) -> None:
    now = world.freeze(NOW)
    assert world.session(dueDate=None)["dueDate"] == shown(now + timedelta(days=45))


# ---- enums


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_signs_a_pdf(world: World, vendor: str) -> None:
    session = world.session(signingSetup=[PKI | {"vendor": vendor}])
    assert session["signingSetup"][0]["vendor"] == vendor


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_taken(world: World, language: str) -> None:
    assert world.session(ui={"language": language})["ui"] == {"language": language}


@pytest.mark.parametrize("action", ["SIGN", "VIEW"])
def test_both_actions_are_taken(world: World, action: str) -> None:
    wanted = world.a_session()
    wanted["documents"][0]["action"] = action
    assert world.session(**wanted)["documents"] == wanted["documents"]


WRONG: list[tuple[str, Any, list[str]]] = [
    ("signingSetup", [{"signingFlow": "PKI"}], ["signingSetup[0].signingFlow"]),
    ("signingSetup", [{"signingFlow": "pkisigning"}], ["signingSetup[0].signingFlow"]),
    ("signingSetup", [{}], ["signingSetup[0].signingFlow"]),
    ("signingSetup", [PKI | {"vendor": "BANKID"}], ["signingSetup[0].vendor"]),
    (
        "signingSetup",
        [AUTHENTICATION_BASED | {"identityProviders": [{"idpName": "nbid"}, {}]}],
        ["signingSetup[0].identityProviders[1].idpName"],
    ),
    (
        "signingSetup",
        [AUTHENTICATION_BASED | {"identityProviders": ["nbid"]}],
        ["signingSetup[0].identityProviders[0]"],
    ),
    (
        "signingSetup",
        [AUTHENTICATION_BASED | {"additionalParameters": {"sbid_flow": 1}}],
        ["signingSetup[0].additionalParameters.sbid_flow"],
    ),
    (
        "signingSetup",
        [AUTHENTICATION_BASED | {"requestedAttributes": [1]}],
        ["signingSetup[0].requestedAttributes[0]"],
    ),
    ("packageTo", ["PADES_CONTAINER", "ASIC"], ["packageTo[1]"]),
    ("ui", {"language": "no"}, ["ui.language"]),
    ("ui", {"language": "NB"}, ["ui.language"]),
    ("signer", {"validations": ["NIN"]}, ["signer.validations[0]"]),
    ("signer", {"nationalIdentificationNumber": 1}, ["signer.nationalIdentificationNumber"]),
    (
        "signer",
        {"restrictUse": [{"parameter": "NAME", "restriction": "USE"}]},
        ["signer.restrictUse[0].parameter", "signer.restrictUse[0].restriction"],
    ),
    (
        "signer",
        {"restrictUse": [{}]},
        ["signer.restrictUse[0].parameter", "signer.restrictUse[0].restriction"],
    ),
    ("preAuthentication", {}, ["preAuthentication.enabled"]),
    ("preAuthentication", {"enabled": "true"}, ["preAuthentication.enabled"]),
    ("archive", {}, ["archive.retentionPeriod"]),
    ("archive", {"sendSignatureResultsToArchive": True}, ["archive.retentionPeriod"]),
    ("archive", {"retentionPeriod": "1 year"}, ["archive.retentionPeriod"]),
    ("archive", {"retentionPeriod": "P"}, ["archive.retentionPeriod"]),
    ("archive", {"retentionPeriod": "PT1H"}, ["archive.retentionPeriod"]),
    ("archive", {"retentionPeriod": f"P{'9' * 5000}Y"}, ["archive.retentionPeriod"]),
    (
        "archive",
        {"retentionPeriod": "P1Y", "sendSignatureResultsToArchive": 1},
        ["archive.sendSignatureResultsToArchive"],
    ),
    ("redirectSettings", {}, [f"redirectSettings.{one}" for one in ("success", "cancel", "error")]),
    ("redirectSettings", REDIRECTS | {"cancel": "/relative"}, ["redirectSettings.cancel"]),
    ("redirectSettings", REDIRECTS | {"error": "javascript:alert(1)"}, ["redirectSettings.error"]),
    ("redirectSettings", REDIRECTS | {"reject": "not a uri"}, ["redirectSettings.reject"]),
    ("subsequentTo", ["nonsense"], ["subsequentTo[0]"]),
    ("documents", [{}], [f"documents[0].{one}" for one in ("documentCollectionId", "documentId", "action")]),
    ("documents", "all", ["documents"]),
    ("colour", "red", ["colour"]),
    ("recipient", {}, ["recipient"]),
    ("ui", {"theme": "dark"}, ["ui.theme"]),
]


@pytest.mark.parametrize(("member", "value", "flawed"), WRONG, ids=[f"{one[0]} {one[1]}"[:60] for one in WRONG])
def test_what_is_not_in_the_schema_is_refused_by_name(world: World, member: str, value: Any, flawed: list[str]) -> None:
    collection = world.collect()
    answer = post(world, world.a_session(collection), world.a_session(collection, **{member: value}))
    refused(answer, 400, *(f"[1].{name}" for name in flawed))


@pytest.mark.parametrize("action", ["sign", "READ", None])
def test_another_action_is_refused(world: World, action: Any) -> None:
    wanted = world.a_session()
    wanted["documents"][0]["action"] = action
    refused(post(world, wanted), 400, "[0].documents[0].action")


@pytest.mark.parametrize("member", ["title", "documents", "signingSetup"])
def test_a_required_member_that_is_missing_is_named(world: World, member: str) -> None:
    wanted = world.a_session()
    del wanted[member]
    refused(post(world, wanted), 400, f"[0].{member}")


def test_every_flaw_of_every_session_is_named(world: World) -> None:
    good = world.a_session()
    answer = post(world, {**good, "title": 5}, good, {**good, "signText": [], "signatureUrlTTL": 4})
    refused(answer, 400, "[0].title", "[2].signatureUrlTTL", "[2].signText")


# ---- all or nothing


def test_one_bad_session_keeps_all_from_being_created(world: World) -> None:
    document = world.upload()
    good = world.a_session(world.collect(document))
    refused(post(world, good, {**good, "subsequentTo": [unknown_id()]}, good), 400, "[1].subsequentTo[0]")
    assert world.api.get("/sign/signing-sessions").json()["total"] == 0
    world.advance("PT30M")
    refused(world.api.get(f"/sign/documents/{document}"), 404)  # it was never assigned to a session


def test_a_refused_call_draws_no_ids(server: Any) -> None:
    one, other = server.world(seed="9"), server.world(seed="9")
    good = one.a_session()
    assert other.a_session() == good
    refused(post(one, good, {**good, "documents": []}), 400, "[1].documents")
    refused(post(one, good, {**good, "subsequentTo": [unknown_id()]}), 400, "[1].subsequentTo[0]")
    assert one.session(**good)["id"] == other.session(**good)["id"]
    one.close()
    other.close()


def test_time_stands_still_only_where_it_was_frozen(world: World) -> None:
    before = datetime.fromisoformat(world.now())
    assert world.freeze(NOW) == datetime(2040, 1, 31, 12, 0, 0, 250_000, UTC) > before
    assert datetime.fromisoformat(world.now()) == datetime.fromisoformat(NOW)
