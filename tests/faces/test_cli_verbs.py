"""The verbs that ask a running server: what they do, print and end with."""

import json
import re
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.faces.commanding import NOWHERE, Commands
from tests.mint.flows import Mint
from tests.mint.samples import sample
from tests.secure_share.sharing import Sender
from tests.signing_today.people import people_of
from tests.signing_today.transactions import Desk
from tests.world import World

from localsign.cli.exits import Exit
from localsign.cli.program import VERBS


@pytest.fixture
def commands(server: Server, world: World, tmp_path: Path) -> Commands:
    return Commands(server, world, tmp_path)


def test_every_verb_has_help(commands: Commands) -> None:
    listed = " ".join(commands.ok("--help").split())
    for name, (_, text) in VERBS.items():
        assert f" {name} {text}" in listed
        assert "--help" in commands.ok(name, "--help")


def test_a_mistyped_verb_is_answered_with_the_nearest(commands: Commands) -> None:
    assert "'clok'. Did you mean 'clock'?" in commands.refused(Exit.USAGE, "clok")


def test_who_cannot_be_reached_and_who_refuses_end_differently(commands: Commands) -> None:
    said = commands.refused(Exit.UNREACHABLE, "clock", "show", LOCALSIGN_URL=NOWHERE)
    assert "cannot be reached" in said
    said = commands.refused(Exit.REFUSED, "clock", "show", "--workspace", "nobody")
    assert said == "localsign: There is no workspace called 'nobody'.\n"
    commands.refused(Exit.REFUSED, "workspaces", "create", "--clock", "yesterday")
    assert "say how far" in commands.refused(Exit.USAGE, "clock", "advance")
    assert "ISO 8601" in commands.refused(Exit.REFUSED, "clock", "advance", "tomorrow")


def test_the_clock(commands: Commands) -> None:
    commands.ok("clock", "freeze", "2031-01-01T00:00:00Z")
    assert commands.told("clock", "show") == {"now": "2031-01-01T00:00:00Z", "is_frozen": True, "next_due": None}
    assert commands.ok("clock", "advance", "--days", "2", "--hours", "1") == "It is 2031-01-03T01:00:00Z.\n"
    assert commands.told("clock", "set", "2031-02-01T00:00:00Z")["fired"] == []
    assert commands.ok("clock", "show").splitlines() == ["now\t2031-02-01T00:00:00Z", "is_frozen\tyes", "next_due\t"]
    assert "Nothing is due." in commands.run("clock", "timers").stderr
    commands.ok("clock", "run")


def test_what_happens_as_time_passes_is_told(commands: Commands, world: World) -> None:
    session = world.session()
    assert [row[:2] for row in commands.rows("clock", "timers")] == [["sign.session_due", session["id"]]]
    told = commands.ok("clock", "next", "--dry-run").splitlines()
    assert told[1] == "due\tkind\tsubject\tfollowed"
    assert "sign.session_due" in told[2]
    assert world.read(session)["lifecycle"]["state"] == "READY"


def test_acting_as_a_signer(commands: Commands, world: World) -> None:
    session, other = world.session(), world.session()
    told = commands.ok("act", "sign", "session", session["id"], "sign", "--with", "signer.name=Kari Nordmann")
    followed = f"  signing session {session['id'][:8]}: READY → SIGNED (sign)"
    assert told.splitlines()[:2] == [f"session {session['id']}: SIGNED", followed]
    said = commands.refused(Exit.REFUSED, "act", "sign", "session", session["id"], "reject")
    assert "The signing session is SIGNED: 'reject' is not possible in this state." in said
    acted = commands.told("act", "sign", "session", other["id"], "reject", "--with", "reason=too dear")
    assert acted["session"]["lifecycle"]["state"] == "REJECTED"
    assert "write it as name=value" in commands.refused(
        Exit.USAGE, "act", "sign", "session", session["id"], "sign", "--with", "signer"
    )


def test_ending_the_lag_of_a_package(commands: Commands, world: World) -> None:
    world.lag("manual")
    session = world.session(packageTo=["PADES_CONTAINER"])
    world.sign(session)
    [row] = [row for row in commands.rows("clock", "timers") if "package" in row[0]]
    assert commands.told("act", "sign", "package", row[1], "complete")["state"] == "COMPLETED"


def test_acting_as_a_recipient(commands: Commands, world: World) -> None:
    sender = Sender(commands.server, world)
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share)
    told = commands.ok("act", "secure-share", "recipient", share["id"], recipient["id"], "download")
    assert told.splitlines()[0] == f"recipient {recipient['id']}: Downloaded"


def test_acting_at_a_step_of_a_journey(commands: Commands, world: World) -> None:
    mint = Mint(world)
    started = mint.start(mint.create(sample("contract-signing")))
    words = (
        "act",
        "mint",
        "journey",
        started["journeyId"],
        "complete",
        "--with",
        "data.name=Kari",
        "--with",
        "data.months=6",
    )
    acted = commands.told(*words, "--with", "data.email=kari@example.com")
    assert acted["journey"]["name"] == "Contract of Kari"


def test_acting_in_a_dst(commands: Commands, world: World) -> None:
    with people_of(world, commands.server) as people:
        dst = Desk(people).published()
    acted = commands.told("act", "signing-today", "dst", dst["id"], "decline", "--with", "reason=Too dear")
    assert acted["dst"]["status"] == "rejected"


def test_switches(commands: Commands) -> None:
    name = "sign.unknown-members"
    assert commands.ok("switches", "set", name, "ignore") == f"{name} is ignore.\n"
    assert commands.rows("switches", "list", "--chosen") == [[name, "ignore", "workspace", "reject, ignore"]]
    assert commands.told("switches", "show", name)["value"] == "ignore"
    assert "(default)" in commands.ok("switches", "clear", name)
    said = commands.refused(Exit.REFUSED, "switches", "set", "sign.unknown-member", "ignore")
    assert name in said, "the nearest is named"


def test_faults_and_limits(commands: Commands, world: World) -> None:
    made = commands.ok("faults", "add", "sign.*", "--status", "503", "--retry-after", "5", "--times", "1").strip()
    assert world.api.get("/sign/signing-sessions").status_code == 503
    [row] = commands.rows("faults", "list")
    assert row == [made, "sign.*", "error", "503", "1", "1", "1"]
    commands.ok("faults", "remove", made)
    commands.ok("faults", "add", "sign.*", "--kind", "latency", "--latency", "PT1S")
    commands.ok("faults", "clear")
    assert commands.told("faults", "list") == []
    commands.ok("faults", "limit", "sign.*", "1")
    world.api.get("/sign/signing-sessions")
    assert world.api.get("/sign/signing-sessions").status_code == 429
    assert [row[:2] for row in commands.rows("faults", "limits")] == [["sign.*", "1"]]
    commands.ok("faults", "unlimit", "sign.*")


def test_the_outbox(commands: Commands, world: World) -> None:
    assert commands.run("outbox", "list").stderr == "The outbox is empty.\n"
    said = commands.refused(Exit.TIMED_OUT, "outbox", "wait", "--kind", "share.*", "--timeout", "0.1")
    assert "0 of 1 messages" in said
    sender = Sender(commands.server, world)
    sender.invite(sender.share(), notification={"sendEmail": True})
    [found] = commands.told("outbox", "wait", "--kind", "share.*")
    assert found["to"] == "kari@example.test"
    assert found["text"].strip() in commands.ok("outbox", "show", found["id"])
    assert commands.ok("outbox", "show", found["id"], "--format", "eml").startswith(
        ("From:", "Subject:", "To:", "Date:")
    )
    assert commands.rows("outbox", "list", "--to", "kari@example.test")[0][0] == found["id"]
    commands.ok("outbox", "delete", found["id"])
    commands.ok("outbox", "clear")


def test_webhooks(commands: Commands, world: World) -> None:
    made = commands.told("webhooks", "subscribe", f"{NOWHERE}/hook", "signature-api:*", "--secret", "known")
    assert made["config"]["secret"] == "known"
    world.sign(world.session())
    [attempt] = commands.told("webhooks", "deliver")["attempts"]
    [row] = commands.rows("webhooks", "list", "--event", "signing-session.completed")
    assert row[:4] == [attempt["delivery"], "QUEUED", "event", "signing-session.completed"]
    assert "Connection" in commands.ok("webhooks", "show", attempt["delivery"])
    commands.ok("webhooks", "replay", attempt["delivery"])
    commands.ok("webhooks", "duplicate", attempt["delivery"])
    commands.ok("webhooks", "forge", attempt["delivery"], "--how", "stale", "--age", "PT6M")
    assert len(commands.told("webhooks", "wait", "--count", "4")) == 4
    assert commands.rows("webhooks", "subscriptions")[0][0] == made["id"]
    commands.ok("webhooks", "test", made["id"])
    commands.ok("webhooks", "unsubscribe", made["id"])
    assert "signing-session.completed" in commands.ok("webhooks", "events")


def test_the_journal(commands: Commands, world: World) -> None:
    session = world.session()
    world.sign(session)
    world.act(session, "reject")
    rows = commands.rows("journal", "list", "--kind", "request")
    assert [row[4] for row in rows][-1] == "sign.create_signing_session"
    last = commands.told("journal", "count")["last"]
    assert commands.ok("journal", "count", "--status", "4xx") == "1\n"
    assert commands.ok("journal", "explain", str(last)).startswith("The signing session was SIGNED")
    assert json.loads(commands.ok("journal", "show", str(last)))["answer"]["status"] == 409
    assert "why: The signing session was SIGNED" in commands.ok("journal", "timeline")
    world.api.get("/sign/signing-session")
    assert commands.rows("journal", "unmatched")[0][2] == "/sign/signing-session"
    assert len(commands.told("journal", "wait", "--status", "404")) == 1
    commands.refused(Exit.TIMED_OUT, "journal", "wait", "--status", "5xx", "--timeout", "0.1")
    commands.ok("journal", "clear")


def test_workspaces_copies_and_snapshots(commands: Commands, world: World, tmp_path: Path) -> None:
    copy = commands.ok("fork").strip()
    named = commands.told("workspaces", "create", f"{world.name}-x", "--seed", "7", "--clock", "2031-01-01T00:00:00Z")
    assert {copy, named["name"], world.name} <= {row[0] for row in commands.rows("workspaces", "list")}
    assert commands.told("clock", "show", "-w", named["name"])["now"] == "2031-01-01T00:00:00Z"
    commands.ok("snapshot", "save", "before")
    commands.ok("switches", "set", "sign.unknown-members", "ignore")
    assert commands.rows("snapshot", "diff", "before")
    commands.ok("snapshot", "restore", "before")
    assert commands.rows("switches", "list", "--chosen") == []
    file = tmp_path / "before.zip"
    commands.ok("snapshot", "export", "before", str(file))
    commands.ok("snapshot", "import", str(file), "again", "-w", copy)
    assert [row[0] for row in commands.rows("snapshot", "list", "-w", copy)] == ["again"]
    commands.ok("snapshot", "delete", "again", "-w", copy)
    for name in (copy, named["name"]):
        commands.ok("workspaces", "drop", name)
    commands.refused(Exit.REFUSED, "workspaces", "drop", copy)


def test_seeding_and_emptying(commands: Commands, tmp_path: Path) -> None:
    document = tmp_path / "seed.yaml"
    document.write_text("sign:\n  documents: [{name: note, text: I agree.}]\n")
    [row] = commands.rows("seed", str(document))
    assert row[2] == "note"
    assert commands.told("seed", "-", given="lags: {packaging: manual}") is not None
    names = [row[0] for row in commands.rows("seed", "--list")]
    commands.ok("seed", "--fixture", names[0])
    assert "There are: " in commands.refused(Exit.USAGE, "seed", "--fixture", "nothing")
    assert "give a seed document" in commands.refused(Exit.USAGE, "seed")
    assert "nowhere.yaml: No such file" in commands.refused(Exit.ERROR, "seed", "nowhere.yaml")
    document.write_text("sing: {}")
    assert "sing" in commands.refused(Exit.REFUSED, "seed", str(document))
    assert commands.ok("reset").endswith(" was reset.\n")
    commands.ok("reset", "journal", "outbox")
    commands.refused(Exit.REFUSED, "reset", "everything")


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("bash", r"export LOCALSIGN_CLIENT_ID=[\w-]+"),
        ("fish", r"set -gx LOCALSIGN_CLIENT_ID '[\w-]+'"),
        ("powershell", r"\$env:LOCALSIGN_CLIENT_ID = '[\w-]+'"),
        ("dotenv", r'LOCALSIGN_CLIENT_ID="[\w-]+"'),
    ],
)
def test_the_environment_of_an_application(commands: Commands, world: World, shell: str, line: str) -> None:
    told = commands.told("env")
    assert told["LOCALSIGN_BASE_URL"] == world.url
    assert told["LOCALSIGN_CLIENT_SECRET"] == world.client["client_secret"]
    assert told["LOCALSIGN_SIGNING_TODAY_USERNAME"] == "admin@demo"
    assert any(re.fullmatch(line, one) for one in commands.ok("env", "--shell", shell).splitlines())
