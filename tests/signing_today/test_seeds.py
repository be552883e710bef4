"""What a seed can say of Signing Today."""

from collections.abc import Iterator

import pytest
from tests.conftest import Server
from tests.control.dumping import dump
from tests.seeded import apply, seeded
from tests.signing_today.people import People, people_of
from tests.signing_today.transactions import Desk
from tests.world import World, refused

PINNED = "0a000000-0000-4000-8000-0000000000"


@pytest.fixture
def purchase(server: Server) -> Iterator[People]:
    with seeded(server, "purchase") as world, people_of(world, server) as people:
        yield people


def test_people_are_there_with_what_they_are_given(purchase: People) -> None:
    boss = purchase.logged_in("boss@acme", "A12345678z")
    paola, robot, stamp = (
        boss.get("/users", params={"$filter": f"username=={name}"}).json()["values"][0]
        for name in ("paola", "archive", "stamp")
    )
    assert (paola["id"], paola["role"], paola["groups"][0]["name"]) == (f"{PINNED}12", "signer", "Purchasing")
    assert (stamp["automatic"], robot["role"]) == (True, "instructor")
    [identity] = boss.get(f"/user/{paola['id']}/identities").json()
    assert (identity["id"], identity["providerType"]) == (f"{PINNED}13", "token")
    assert identity["appearance"]["mimetype"] == "application/pdf"
    named = {"username": "archive", "domain": "acme"}
    assert boss.get("/robot/configuration", params=named).json()["requestHeaders"] == {"X-Api-Key": ["secret"]}
    assert purchase.admin.get(f"/user/{paola['id']}").status_code == 404, "nothing crosses from one to the other"


def test_dsts_are_where_people_left_them(purchase: People) -> None:
    boss = purchase.logged_in("boss@acme", "A12345678z")
    found = {one["title"]: one for one in boss.get("/DSTs").json()["values"]}
    assert {title: one["status"] for title, one in found.items()} == {
        "Purchase of tables": "rejected",
        "Purchase of lamps": "toSign",
    }
    waiting = found["Purchase of lamps"]
    assert (waiting["id"], waiting["extraData"]) == (f"{PINNED}15", {"order": 4711})
    assert found["Purchase of tables"]["signatures"][0]["declinedReason"] == "Too dear"
    signed = boss.get(f"/DST/{PINNED}14").json()
    assert (signed["status"], len(signed["signatures"])) == ("signed", 2)
    assert signed["documents"][0]["forms"][0]["extraData"]["text"] == "Four chairs"
    [template] = boss.get("/DSTs", params={"template": "true"}).json()["values"]
    made = boss.post(f"/DST/{template['id']}/instantiate").json()
    assert made["documents"][0]["signerGroups"][0]["signers"][0]["templateLabel"] == "Buyer"
    robot = purchase.logged_in("archive@acme", "A12345678z")
    assert [one["title"] for one in robot.get("/DSTs").json()["values"]][:1] == ["Purchase of lamps"], "in copy"


def test_a_seed_may_be_about_the_people_that_are_there(desk: Desk) -> None:
    document = """
signing-today:
  organizations: [{domain: demo, defaultDays: 1}]
  dsts:
    - {title: Note, documents: [{file: documents/agreement.pdf, signerGroups: [{signers: [{user: anna@demo}]}]}]}
"""
    answer = apply(desk.world, document)
    assert answer.status_code == 200, answer.text
    [dst] = desk.call("GET", "/DSTs")["values"]
    assert dst["expiresAt"][:10] > dst["publishedAt"][:10]
    desk.world.advance("P1D")
    assert desk.read(dst)["status"] == "expired"


USER = "signing-today: {users: [{username: %s}]}"
DST = "signing-today: {dsts: [{%s}]}"
PDF = "file: documents/agreement.pdf"
SIGNED = "signerGroups: [{signers: [{user: anna@demo}]}]"
WRONG = [
    (USER % "jdo", "users[0].username", "such as jdo@bit4id"),
    (USER % "anna@demo", "users[0]", "already"),
    (USER % "a@b, rool: admin", "users[0].rool", "did you mean role?"),
    (USER % "a@b, identities: [{appearance: {text: x}}]", "users[0].identities[0].appearance.file", "is not a whole"),
    (USER % "a@b, configuration: {webhooks: {dst: ftp}}", "users[0].configuration.webhooks.dst", "must be a URL"),
    (DST % "creator: nobody@demo", "dsts[0].creator", "there is no account 'nobody@demo'"),
    (DST % "title: x", "dsts[0].documents", "there is none to sign"),
    (DST % "documents: [{text: x}]", "dsts[0].documents[0].file", "is not a PDF"),
    (DST % "documents: [{file: agrement.pdf}]", "dsts[0].documents[0].file", "there is no file"),
    (
        DST % ("documents: [{" + PDF + ", signerGroups: [{signers: [{user: x@demo}]}]}]"),
        "dsts[0].documents[0].signerGroups[0].signers[0].user",
        "there is no account",
    ),
    (DST % ("documents: [{" + f"{PDF}, {SIGNED}" + "}], acts: [fill]"), "dsts[0].acts[0].action", "toSign"),
    (DST % ("documents: [{" + f"{PDF}, {SIGNED}" + "}], acts: [sing]"), "dsts[0].acts[0].action", "one of"),
    (DST % "expiresIn: P1D, expiresAt: '2099-01-01T00:00:00Z'", "dsts[0].expiresIn", "together"),
]


@pytest.mark.parametrize(("document", "member", "reason"), WRONG, ids=[one[1] for one in WRONG])
def test_what_is_wrong_is_named_and_nothing_is_made(world: World, document: str, member: str, reason: str) -> None:
    workspace = world.server.sandbox.find(world.name)
    before = dump(workspace)
    body = refused(apply(world, document), 400, f"signing-today.{member}")
    assert reason in body["invalidParams"][0]["reason"]
    assert dump(workspace) == before
