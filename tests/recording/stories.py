"""A story of every API, as it is told to be recorded."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from tests.conftest import Server
from tests.events.receiver import deliver, subscribe
from tests.mint.flows import Mint, step
from tests.mint.samples import sample
from tests.mint.v1_flows import V1
from tests.secure_share.sharing import BY_BANKID, NIN, Sender, Visitor
from tests.signer import NIN as SIGNER
from tests.signer import Signer
from tests.signing_today.people import people_of
from tests.signing_today.test_saml import form, post
from tests.signing_today.test_stories import devices
from tests.signing_today.transactions import Desk, a_plan, a_text, account
from tests.world import World

from localsign.core.clock import show, wall

Story = Callable[[World, Server], None]


def sign(world: World, server: Server) -> None:
    """Signed by a control call, packaged, too late to be rejected; and a request that is refused."""
    session = world.session(externalReference="order-7", packageTo=["PADES_CONTAINER"])
    world.sign(session)
    world.advance("PT1M")
    world.read(session)
    world.act(session, "reject")
    world.api.get("/sign/signing-sessions", params={"limit": 10, "sessionTitleLike": "ä b"})
    world.api.post("/sign/signing-sessions", json=[{"title": 3}])
    world.api.get(f"/sign/signing-session/{session['id']}")
    world.control("POST", "clock/advance", {"by": "P46D"})
    world.api.get(f"/sign/signing-sessions/{session['id']}")


def signing_page(world: World, server: Server) -> None:
    """A person signs on the page."""
    session = world.session()
    signer = Signer(session)
    signer.get()
    signer.post({"action": "sign", "name": "Kari", "nin": SIGNER})
    world.read(session)


def sharing(world: World, server: Server) -> None:
    """One recipient is let in by a code from the outbox, one by a control call, one by an eID."""
    sender = Sender(server, world)
    share = sender.share(description="All of last year.")
    sender.upload(share)
    visitor = Visitor(sender.invite(share, notification={"sendEmail": True}))
    visitor.get()
    visitor.click("send")
    visitor.click("enter", code="000000")
    visitor.click("enter", code=sender.code())
    [link] = visitor.files()
    visitor.request("GET", link)
    other = sender.invite(share, email="nora@example.test")
    sender.does(share, other, "open")
    another = Visitor(sender.invite(share, email="ola@example.test", authentication=[BY_BANKID]))
    another.get()
    another.click("login", nin=NIN, idpId="1234-3456-5678")
    sender.read(share)


def journey(world: World, server: Server) -> None:
    """A workflow of the newer Mint API, whose person is played by control calls."""
    mint = Mint(world)
    started = mint.start(mint.create(sample("contract-signing")), input={"name": "Kari Nordmann"})
    filled = mint.act(started, "complete", data={"name": "Kari Nordmann", "email": "kari@example.com", "months": "6"})
    world.read(filled["stepData"]["send"]["signers"][0]["signingSessionId"])
    mint.act(started, "complete", data={"name": "Kari Nordmann", "nin": "14839010231"})
    mint.read(started)
    mint.log(started)


def journey_pages(world: World, server: Server) -> None:
    """A person goes from page to page of a journey."""
    workflow = Mint(world).create(sample("contract-signing"))
    person = Signer(f"{workflow['workflowUrl']}?name=Kari&email=kari@example.com&returnUrl=https://app.test/done&x=1")
    person.link = person.get().headers["location"]
    form = {"field:name": "Kari Nordmann", "field:email": "kari@example.com", "field:months": ""}
    here = person.post({"action": "complete", "step": "form", **form}).headers["location"]
    person.request("GET", here)


def older_mint(world: World, server: Server) -> None:
    """A flow of Mint v1."""
    older = V1(world)
    older.run(step("a", name="x", value="y"), step("b", name="z", value=3))
    older.listed()


def signing_today(world: World, server: Server) -> None:
    """A DST that is filled in and signed by control calls, and another that is declined; accounts change."""
    with people_of(world, server) as people:
        desk = Desk(people)
        plan = a_plan([account("5d000000-0000-4000-8000-000000000003")], forms=[a_text()])
        dst = desk.act(desk.published(plan), "fill", text="Yes")
        desk.act(dst, "sign")
        desk.audit(dst)
        desk.act(desk.published(), "decline", reason="Too dear")
        devices(people)
        made = people.create(username="dora")
        people.log_in("dora@demo", "A12345678z")
        people.log_in("dora@demo", "wrong")
        passwords = {"currentPassword": people.passwords["anna@demo"], "newPassword": "Another1234"}
        people.anna.post("/auth/passwordReset", json=passwords)
        people.log_in("anna@demo", "Another1234")
        people.admin.delete(f"/user/{made}")


def saml(world: World, server: Server) -> None:
    """Somebody logs in by SAML, reads with the token of that, and is refused with replies that are not good."""
    with people_of(world, server) as people:
        until = {"_not_before": "2019-03-01 16:41:29+00:00", "_not_onorafter": show(wall() + timedelta(minutes=5))}
        said = {"userid": "vpa", "givenName": "Vincenzo", "isMemberOf": ["Sales"], "_cookies": "a-cookie-of-theirs"}
        where = urlsplit(post(people, form(people, {**said, **until})).headers["location"])
        people.nobody.get("/auth/user", headers={"Authorization": f"Bearer {parse_qs(where.query)['token'][0]}"})
        post(people, {**form(people, said), "IDToken2": "0" * 64})
        post(people, form(people, {**said, "_not_onorafter": "2020-03-01 16:46:59+00:00"}))
        post(people, form(people, b"no JSON"))


def worlds(world: World, server: Server) -> None:
    """Seeded from YAML and from JSON, kept aside, gone back to."""
    text = "sign:\n  documents: [{name: note, text: I agree.}]\n  collections: [{name: pile, documents: [note]}]\n"
    text += "  sessions: [{name: waiting, collection: pile, dueIn: P14D}]\n"
    yaml = {"Content-Type": "application/yaml"}
    made = world.anonymous.post("/_sandbox/v1/seeds", content=text.encode(), headers=yaml).json()
    session = next(one["id"] for one in made[0]["made"] if one["section"] == "sign.sessions")
    to = {"url": "https://app.test/hook", "secret": "a-secret-of-mine"}
    hook = {"name": "mine", "events": ["signature-api:*"], "config": to}
    assert world.control("POST", "seeds", {"webhooks": [hook]}).status_code == 200
    world.control("POST", "snapshots", {"name": "before"})
    assert world.act(session, "sign").status_code == 200
    world.read(session)
    assert world.control("POST", "snapshots/before/restore").status_code == 204
    assert world.read(session)["lifecycle"]["state"] == "READY"
    world.control("DELETE", "snapshots/before")


def webhooks(world: World, server: Server) -> None:
    """Subscriptions by the API and by control calls; a webhook that nobody takes, while time stands still."""
    world.freeze("2030-01-01T00:00:00Z")
    world.lag("after:PT5S")
    subscribe(world, "http://127.0.0.1:9/hook", "signature-api:*")
    wanted = {"name": "mine", "config": {"url": "https://app.test/hook", "secret": "a-secret-of-mine"}, "events": ["*"]}
    made = world.api.post("/events-management/subscriptions", json=wanted)
    world.sign(world.session(packageTo=["PADES_CONTAINER"]))
    world.advance("PT5S")
    [attempt, *_] = deliver(world)["attempts"]
    world.control("POST", f"webhooks/deliveries/{attempt['delivery']}/replay")
    world.api.get("/events-management/subscriptions")
    world.api.delete(f"/events-management/subscriptions/{made.json()['id']}")


STORIES: list[Story] = [
    sign,
    signing_page,
    sharing,
    journey,
    journey_pages,
    older_mint,
    signing_today,
    saml,
    webhooks,
    worlds,
]
