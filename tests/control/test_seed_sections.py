"""What a seed can say of people, faults, webhooks and shares."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.conftest import Server
from tests.control.dumping import dump
from tests.seeded import apply, seeded
from tests.world import Json, World, refused

from localsign import seeding
from localsign.core import markup

PINNED = "0a000000-0000-4000-8000-00000000000"


@pytest.fixture
def payroll(server: Server) -> Iterator[World]:
    with seeded(server, "payroll") as world:
        yield world


def told(world: World, path: str) -> Any:
    return world.control("GET", path).json()


def test_people_do_as_the_seed_says(payroll: World) -> None:
    personas = {one["key"]: one for one in told(payroll, "personas")}
    assert personas["nora"]["rule"] == {"action": "reject", "after": None, "reason": "Not mine."}
    assert (personas["kari"]["rule"]["after"], personas["kari"]["is_built_in"]) == ("PT1H", False)
    [queued] = told(payroll, "decisions?used=true")
    assert queued["id"] == f"{PINNED}1"
    states = {
        one["externalReference"]: one["lifecycle"]["state"]
        for one in payroll.api.get("/sign/signing-sessions").json()["data"]
    }
    assert states == {"contract-9": "REJECTED", "contract-10": "READY"}


def test_faults_and_limits_are_set(payroll: World) -> None:
    [fault] = told(payroll, "faults")
    assert (fault["operation"], fault["retry_after"], fault["seen"]) == ("sign.get_archive_document", 5, 0)
    [limit] = told(payroll, "rate-limits")
    assert (limit["operation"], limit["requests"], limit["used"]) == ("secure-share.*", 1000, 0)


def test_subscriptions_hear_of_what_follows(payroll: World) -> None:
    [subscription] = told(payroll, "webhooks/subscriptions")
    assert (subscription["id"], subscription["config"]["secret"]) == (f"{PINNED}5", "known-to-the-receiver")
    assert told(payroll, "webhooks/deliveries")["total"] == 0
    waiting = payroll.api.get("/sign/signing-sessions?search=contract-10").json()["data"][0]
    payroll.act(waiting["id"], "open")
    assert told(payroll, "webhooks/deliveries")["total"] == 1


def test_shares_have_their_files_recipients_and_what_these_did(payroll: World) -> None:
    share = payroll.api.get(f"/secure-share/shares/{PINNED}2").json()
    assert [one["name"] for one in share["files"]] == ["payslip.pdf", "note.txt"]
    assert share["files"][0]["id"] == f"{PINNED}3"
    mette, ola = share["recipients"]
    assert (mette["id"], share["completedRecipients"]) == (f"{PINNED}4", 1)
    assert ola["fileRestrictions"] == [f"{PINNED}3"]
    assert mette["url"].startswith(payroll.url)
    messages = told(payroll, "outbox")["messages"]
    assert any(mette["url"] in one["links"] for one in messages)


SHARE = "secure-share: {shares: [{contactDetails: {name: A}, %s}]}"
KARI = "{email: a@b.test, authentication: [{identityProvider: otp-email}], %s}"

WRONG: list[tuple[str, str, str]] = [
    ("personas: [{name: A, rule: {action: sing}}]", "personas[0].rule.action", "is not one of"),
    ("personas: [{nmae: A}]", "personas[0].nmae", "did you mean name?"),
    ("personas: [{key: karri, rule: {action: sign}}]", "personas[0].key", "did you mean kari?"),
    ("personas: [{email: a@b.test}]", "personas[0].name", "is required"),
    ("personas: [{name: A, key: kari}]", "personas[0]", "already"),
    ("decisions: {queued: [{action: fly}]}", "decisions.queued[0].action", "is not one of"),
    ("decisions: {queued: [{action: sign, machts: {}}]}", "decisions.queued[0].machts", "did you mean match?"),
    ("decisions: {default: {action: fly}}", "decisions.default.action", "is not one of"),
    ("decisions: {deafult: {action: sign}}", "decisions.deafult", "did you mean default?"),
    ("faults: [{operation: sign.get_documnet}]", "faults[0].operation", "the nearest are"),
    ("faults: [{operation: '*', stauts: 500}]", "faults[0].stauts", "did you mean status?"),
    ("rate_limits: [{operation: sing.*, requests: 1}]", "rate_limits[0].operation", "is no operation"),
    (
        "webhooks: [{events: [signature], config: {url: 'http://a.test'}}]",
        "webhooks[0].events[0]",
        "is not an event",
    ),
    ("webhooks: [{events: ['*'], config: {ulr: x}}]", "webhooks[0].config.ulr", "did you mean url?"),
    (SHARE % "titel: x", "secure-share.shares[0].titel", "did you mean title?"),
    (SHARE % "expires: '2001-01-01T00:00:00Z'", "secure-share.shares[0].expires", "must lie in the future"),
    (SHARE % "files: [{name: a, text: x}, {name: a, text: y}]", "secure-share.shares[0].files[1].name", "another file"),
    (SHARE % "files: [{name: a, file: agrement.pdf}]", "secure-share.shares[0].files[0].file", "there is no file"),
    (
        SHARE % ("files: [{name: deed, text: x}], recipients: [" + KARI % "files: [dead]" + "]"),
        "secure-share.shares[0].recipients[0].files[0]",
        "did you mean deed?",
    ),
    (
        SHARE % ("recipients: [" + KARI % "acts: [download]" + "]"),
        "secure-share.shares[0].recipients[0].acts[0]",
        "nothing",
    ),
    (
        SHARE % ("recipients: [" + KARI % "acts: [{action: authenticate, code: x}]" + "]"),
        "secure-share.shares[0].recipients[0].acts[0]",
        "",
    ),
    (
        SHARE % "recipients: [{authentication: [{identityProvider: otp-email}]}]",
        "secure-share.shares[0].recipients[0].email",
        "is required",
    ),
]


@pytest.mark.parametrize(("document", "path", "reason"), WRONG, ids=lambda one: str(one)[:60])
def test_what_is_wrong_is_named_and_changes_nothing(
    server: Server, world: World, document: str, path: str, reason: str
) -> None:
    workspace = server.sandbox.find(world.name)
    before = dump(workspace)
    body = refused(apply(world, f"lags: {{packaging: manual}}\n{document}\n"), 400, path)
    assert reason in body["invalidParams"][0]["reason"]
    assert dump(workspace) == before


def test_the_schema_is_one_and_says_what_is_accepted(world: World) -> None:
    schema: Json = told(world, "seeds/schema")
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for path in seeding.fixtures().values():
        assert list(validator.iter_errors(markup.read(path.read_bytes(), is_json=False).value)) == []
    wrong: Json
    for wrong in ({"personas": {}}, {"faults": [{}]}, {"sing": {}}, {"webhooks": [{"events": ["*"]}]},
                  {"secure-share": {"shares": [{"title": 1}]}}, {"decisions": {"queued": [{}]}}):  # fmt: skip
        assert list(validator.iter_errors(wrong)), wrong
