"""Messages are kept with the change that sent them, and their links are found."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from localsign.core.outbox import Channel, Message, links_in
from localsign.sandbox import Sandbox
from localsign.signicat import mail

THING = UUID(int=7)


def test_a_message_is_stored_with_its_transaction(tmp_path: Path) -> None:
    sandbox = Sandbox()
    with sandbox.default.work() as work:
        mail.send(
            work,
            api="sign",
            kind="test.code",
            channel=Channel.EMAIL,
            to="kari@example.com",
            subject="Your code",
            text="Open http://localhost/a.",
            html='<a href="http://localhost/b?x=1&amp;y=2">b</a>',
            reference=THING,
            codes=["123456"],
        )
        assert [one["sent"] for one in work.followed.entries] == ["email"]

    def fail() -> None:
        with sandbox.default.work() as work:
            mail.send(work, api="sign", kind="lost", channel=Channel.SMS, to="+47", text="a", reference=THING)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with sandbox.default.work() as work:
        [message] = work.db.exec(select(Message)).all()
    assert (message.recipient, message.reference, message.codes) == ("kari@example.com", str(THING), ["123456"])
    assert message.links == ["http://localhost/a", "http://localhost/b?x=1&y=2"]
    assert message.subject == "[TEST] Your code"
    assert message.text.startswith("This is a test message.\n\n")
    sandbox.close()


@pytest.mark.parametrize(
    ("text", "html", "links"),
    [
        ("no link", None, []),
        ("see http://a.test/x, or (https://b.test/y).", None, ["http://a.test/x", "https://b.test/y"]),
        ("http://a.test http://a.test", '<a href="http://a.test">x</a>', ["http://a.test"]),
        ("", '<a href="javascript:alert(1)">x</a><a>y</a><a href="">z</a>', []),
    ],
)
def test_links_are_found(text: str, html: str | None, links: list[str]) -> None:
    assert links_in(text, html) == links
