"""Stories of every API, recorded and told again."""

import pytest
from tests.conftest import Server
from tests.recording.replaying import exported, replay
from tests.world import World
from tests.mint.flows import Mint
from tests.mint.samples import sample
from tests.mint.v1_flows import V1, v1_flow
from tests.mint.flows import step
from tests.secure_share.sharing import Sender, Visitor, BY_BANKID
from tests.signing_today.people import people_of
from tests.signing_today.transactions import Desk
from tests.signing_today import test_stories
from tests.signer import Signer, NIN
from tests.events.receiver import subscribe, deliver


def sign_story(world, server):
    session = world.session(externalReference="order-7", packageTo=["PADES_CONTAINER"])
    world.sign(session)
    world.advance("P46D")
    found = world.api.get("/sign/signing-sessions", params={"limit": 10})
    assert world.api.get(f"/sign/signing-sessions/{session['id']}").status_code in (200, 404)
    world.act(session, "reject")
    world.api.post("/sign/signing-sessions", json=[{"title": 3}])


def sign_page_story(world, server):
    session = world.session()
    signer = Signer(session)
    signer.get()
    signer.post({"action": "sign", "name": "Kari", "nin": NIN})
    world.read(session)


def share_story(world, server):
    sender = Sender(server, world)
    share = sender.share(description="All of last year.")
    sender.upload(share)
    recipient = sender.invite(share, notification={"sendEmail": True})
    visitor = Visitor(recipient)
    visitor.get()
    visitor.click("send")
    visitor.click("enter", code=sender.code())
    [link] = visitor.files()
    visitor.request("GET", link)
    sender.read(share)
    other = sender.invite(share, email="nora@example.test")
    sender.does(share, other, "open")
    sender.read(share)
    bankid = sender.invite(share, email="b@example.test", authentication=[BY_BANKID])
    v = Visitor(bankid)
    v.get()
    v.click("login", nin="12345678901", idpId="1234-3456-5678")


def mint_story(world, server):
    mint = Mint(world)
    started = mint.start(mint.create(sample("contract-signing")), input={"name": "Kari Nordmann"})
    journey = mint.act(started, "complete", data={"name": "Kari Nordmann", "email": "kari@example.com", "months": "6"})
    session_id = journey["stepData"]["send"]["signers"][0]["signingSessionId"]
    world.read(session_id)
    mint.act(started, "complete", data={"name": "Kari Nordmann", "nin": "14839010231"})
    mint.read(started)
    mint.log(started)


def mint_page_story(world, server):
    mint = Mint(world)
    workflow = mint.create(sample("contract-signing"))
    person = Signer(f"{workflow['workflowUrl']}?name=Kari&email=kari@example.com&returnUrl=https://app.test/done&x=1")
    visit = person.get()
    person.link = visit.headers["location"]
    form = {"action": "complete", "step": "form", "field:name": "Kari Nordmann", "field:email": "kari@example.com", "field:months": ""}
    here = person.post(form).headers["location"]
    onward = person.request("GET", here)


def v1_story(world, server):
    v1 = V1(world)
    v1.run(step("a", name="x", value="y"), step("b", name="z", value=3))
    v1.listed()


def today_story(world, server):
    with people_of(world, server) as people:
        desk = Desk(people)
        dst = desk.published()
        dst = desk.act(dst, "sign")
        desk.audit(dst)
        test_stories.devices(people)


def accounts_story(world, server):
    with people_of(world, server) as people:
        test_stories.watched(people)
        test_stories.accounts(people)


def events_story(world, server):
    world.freeze("2030-01-01T00:00:00Z")
    world.lag("after:PT5S")
    world.api.get("/events/subscriptions")
    subscribe(world, "http://127.0.0.1:9/hook", "signature-api:*")
    world.sign(world.session(packageTo=["PADES_CONTAINER"]))
    world.advance("PT5S")
    deliver(world)
    world.api.get("/events/subscriptions")


STORIES = [sign_story, sign_page_story, share_story, mint_story, mint_page_story, v1_story, today_story, accounts_story, events_story]


@pytest.mark.parametrize("seed", [None, "7"])
@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.__name__)
def test_again(server: Server, story, seed) -> None:
    world = server.world(seed=seed)
    story(world, server)
    source = exported(world).text
    __import__("pathlib").Path(f"/tmp/made_{story.__name__}.py").write_text(source)
    world.close()
    replay(server, source, seed)
    replay(server, source, seed)
