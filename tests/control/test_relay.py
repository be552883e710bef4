"""E-mails of the outbox that are passed on to a mail server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from tests.control.smtp_server import Mails, mail_server
from tests.core.reading_outbox import until

from localsign.core import outbox
from localsign.core.outbox import MESSAGE, Channel, Message, MessageEvent, MessageState
from localsign.sandbox import Sandbox
from localsign.settings import Settings, SettingsError
from localsign.snapshots import store
from localsign.workspace import Workspace

THING = UUID(int=7)


@pytest.fixture
def mails() -> Iterator[Mails]:
    with mail_server() as mails:
        yield mails


def send(workspace: Workspace, to: str = "kari@example.com", **but: Any) -> UUID:
    wanted: dict[str, Any] = {"api": "sign", "kind": "test.code", "channel": Channel.EMAIL, "text": "Your code is 1."}
    with workspace.work() as work:
        return outbox.send(work, to=to, reference=THING, **{**wanted, **but}).id


def ended(workspace: Workspace, message_id: UUID) -> Message:
    """The message when its relay has ended."""

    def look() -> Message | None:
        with workspace.work() as work:
            message = work.get(Message, message_id)
        return message if message.state in (MessageState.SENT, MessageState.FAILED) else None

    return until(look)


def test_an_e_mail_is_passed_on_as_it_is(mails: Mails) -> None:
    sandbox = Sandbox(Settings(smtp_url=mails.url))
    message_id = send(
        sandbox.default,
        subject="Kode på norsk",
        text="Åpne http://localhost/a\n.\n..x",
        html="<p>Åpne</p>",
        sender="noreply@email.signicat.com",
        language="nb",
    )
    [mail] = mails.wait()
    assert ended(sandbox.default, message_id).state is MessageState.SENT
    assert (mail["To"], mail["From"]) == ("kari@example.com", "noreply@email.signicat.com")
    assert mail["Subject"] == "Kode på norsk"
    assert mail["X-Localsign-Kind"] == "sign.test.code"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert plain.get_content().splitlines() == ["Åpne http://localhost/a", ".", "..x"]
    assert html is not None
    assert html.get_content().strip() == "<p>Åpne</p>"
    sandbox.close()


def test_many_are_passed_on_in_order_and_once_each(mails: Mails) -> None:
    sandbox = Sandbox(Settings(smtp_url=mails.url))
    other = sandbox.create()
    for number in range(10):
        send(sandbox.default, f"a{number}@example.com")
        send(other, f"b{number}@example.com")
    taken = [str(one["To"]) for one in mails.wait(20)]
    for letter in "ab":
        assert [one for one in taken if one[0] == letter] == [f"{letter}{number}@example.com" for number in range(10)]
    sandbox.close()


def test_text_messages_and_installations_without_a_server_keep_theirs(mails: Mails) -> None:
    relayed, kept = Sandbox(Settings(smtp_url=mails.url)), Sandbox()
    ids = [send(relayed.default, "+47", channel=Channel.SMS), send(kept.default)]
    for sandbox, message_id in zip((relayed, kept), ids, strict=True):
        with sandbox.default.work() as work:
            assert work.get(Message, message_id).state is MessageState.KEPT
        sandbox.close()
    assert mails.taken == []


def test_a_transaction_that_fails_passes_nothing_on(mails: Mails) -> None:
    sandbox = Sandbox(Settings(smtp_url=mails.url))

    def fail() -> None:
        with sandbox.default.work() as work:
            outbox.send(work, api="sign", kind="a", channel=Channel.EMAIL, to="a@b.test", text="", reference=THING)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    send(sandbox.default, "b@b.test")
    assert [str(one["To"]) for one in mails.wait()] == ["b@b.test"]
    sandbox.close()


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_a_login_may_be_needed(mails: Mails, password: str) -> None:
    sandbox = Sandbox(Settings(smtp_url=f"smtp://me%40home:{password}@127.0.0.1:{mails.port}"))
    message = ended(sandbox.default, send(sandbox.default))
    assert mails.logins[0] == ("me@home", password)
    if password == "right":
        assert message.state is MessageState.SENT
    else:
        assert message.state is MessageState.FAILED
        assert "535 wrong password" in str(message.failure)
        assert password not in str(message.failure).replace("535 wrong password", "")
    sandbox.close()


def test_what_cannot_be_sent_says_why_and_holds_nothing_up(mails: Mails) -> None:
    mails.refuses.add("nobody@example.com")
    sandbox = Sandbox(Settings(smtp_url=mails.url))
    refused = send(sandbox.default, "nobody@example.com")
    broken = send(sandbox.default, "a@example.com\nBcc: b@example.com")
    fine = send(sandbox.default)
    assert ended(sandbox.default, fine).state is MessageState.SENT
    assert "550 nobody of that name" in str(ended(sandbox.default, refused).failure)
    assert "cannot be made an e-mail" in str(ended(sandbox.default, broken).failure)
    assert len(mails.taken) == 1
    sandbox.close()


@pytest.mark.parametrize(
    ("url", "words"), [("smtp://127.0.0.1:1", "127.0.0.1:1 did not take it"), ("smtp://mail.test", "EGRESS_ALLOW")]
)
def test_a_server_that_cannot_be_reached_is_told_at_the_message(url: str, words: str) -> None:
    sandbox = Sandbox(Settings(smtp_url=url))
    message = ended(sandbox.default, send(sandbox.default))
    assert message.state is MessageState.FAILED
    assert words in str(message.failure)
    sandbox.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_what_an_earlier_process_left_is_taken_up(mails: Mails, tmp_path: Path, workers: int) -> None:
    """Also in a world that nobody asks for."""
    settings = Settings(smtp_url=mails.url, data_dir=tmp_path, workers=workers)
    before = Sandbox(settings)
    before._relay.close()  # type: ignore[union-attr]
    world = before.create("asleep")
    cut_off, pending = send(world, "a@example.com"), send(world, "b@example.com")
    with world.work() as work:
        MESSAGE.fire(work.get(Message, cut_off), MessageEvent.SEND)
    before.close()
    after = Sandbox(settings)
    after.courier.allow()
    after.resume()
    assert [str(one["To"]) for one in mails.wait()] == ["b@example.com"]
    assert ended(after.find("asleep"), pending).state is MessageState.SENT
    message = ended(after.find("asleep"), cut_off)
    assert message.state is MessageState.FAILED
    assert "not known" in str(message.failure)
    after.close()


def test_of_several_processes_one_relays_and_none_takes_what_it_sends_for_lost(mails: Mails, tmp_path: Path) -> None:
    settings = Settings(smtp_url=mails.url, data_dir=tmp_path, workers=2)
    one, other = Sandbox(settings), Sandbox(settings, relays=False)
    busy = other.default.relaying()
    assert busy is not None
    with other.default.work() as work:
        sending = outbox.send(
            work, api="sign", kind="a", channel=Channel.EMAIL, to="a@example.com", text="", reference=THING
        )
        MESSAGE.fire(sending, MessageEvent.SEND)
    later = send(one.default, "b@example.com")
    third = Sandbox(settings)
    assert third.default.relaying() is None
    with third.default.work() as work:
        assert work.get(Message, sending.id).state is MessageState.SENDING
        MESSAGE.fire(work.get(Message, sending.id), MessageEvent.SUCCEED)
    busy.release()
    last = send(third.default, "c@example.com")
    assert ended(one.default, last).state is ended(one.default, later).state is MessageState.SENT
    assert [str(one["To"]) for one in mails.wait(2)] == ["b@example.com", "c@example.com"]
    for sandbox in (one, other, third):
        sandbox.close()


def test_what_two_processes_write_at_once_is_passed_on_once_each_and_in_order(mails: Mails, tmp_path: Path) -> None:
    settings = Settings(smtp_url=mails.url, data_dir=tmp_path, workers=2)
    sandboxes = [Sandbox(settings), Sandbox(settings)]
    for sandbox in sandboxes:
        assert sandbox.default

    def write(number: int) -> None:
        for index in range(10):
            send(sandboxes[number].default, f"{number}-{index}@example.com")

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, range(2)))
    taken = [str(one["To"]) for one in mails.wait(20)]
    with sandboxes[0].default.work() as work:
        written = [one.recipient for one in sorted(work.everything(Message), key=lambda one: one.seq or 0)]
    assert taken == written
    for sandbox in sandboxes:
        sandbox.close()


def test_a_world_that_becomes_another_one_passes_on_what_that_has(mails: Mails, tmp_path: Path) -> None:
    sandbox = Sandbox(Settings(smtp_url=mails.url, data_dir=tmp_path))
    relay, sandbox.house.relay = sandbox.house.relay, None
    cut_off, pending = send(sandbox.default, "a@example.com"), send(sandbox.default, "b@example.com")
    with sandbox.default.work() as work:
        MESSAGE.fire(work.get(Message, cut_off), MessageEvent.SEND)
    snapshot = store.save(sandbox.default, "before")
    sandbox.house.relay = relay
    store.restore(sandbox.default, snapshot)
    assert ended(sandbox.default, pending).state is MessageState.SENT
    assert ended(sandbox.default, cut_off).state is MessageState.FAILED
    sandbox.close()


def test_a_message_that_is_deleted_meanwhile_troubles_nobody(mails: Mails) -> None:
    sandbox = Sandbox(Settings(smtp_url=mails.url))
    for _ in range(5):
        send(sandbox.default)
        with sandbox.default.work() as work:
            outbox.clear(work)
    last = send(sandbox.default, "last@example.com")
    assert ended(sandbox.default, last).state is MessageState.SENT
    with sandbox.default.work() as work:
        assert [one.id for one in work.db.exec(select(Message)).all()] == [last]
    sandbox.close()


@pytest.mark.parametrize(
    "url", ["http://a", "smtp:///", "smtp://", "mail", "smtp://a:b", "smtp://a/b", "smtp://[", "smtp://a:0"]
)
def test_what_is_no_mail_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError, match="LOCALSIGN_SMTP_URL"):
        Settings.from_environment({"LOCALSIGN_SMTP_URL": url})
