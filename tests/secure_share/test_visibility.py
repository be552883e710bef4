"""Whatever happens to a share, in whatever order: who may see what, who has everything, what the share says of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import Server
from tests.secure_share.sharing import Sender, a_file
from tests.world import Json


@dataclass
class Known:
    """What a recipient may see and has downloaded, as a sender would reckon it."""

    shown: Json
    visible: set[str]
    is_restricted: bool
    fetched: set[str] = field(default_factory=set)
    is_done: bool = False

    def reckon(self) -> None:
        left = self.visible - self.fetched
        if self.is_done:
            self.is_done = not left
        else:
            self.is_done = bool(self.visible) and not left


class Story:
    """One share and a model of it."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.share = sender.share()
        self.files: list[str] = []
        self.people: list[Known] = []

    def some(self, picks: list[int]) -> list[str]:
        return list(dict.fromkeys(self.files[one % len(self.files)] for one in picks)) if self.files else []

    def tell(self, event: str, who: int, picks: list[int]) -> None:
        files = self.some(picks)
        known = self.people[who % len(self.people)] if self.people else None
        match event:
            case "upload":
                new = [one["id"] for one in self.sender.upload(self.share, *(a_file() for _ in picks[:2] or [0]))]
                self.files += new
                for one in self.people:
                    one.visible |= set() if one.is_restricted else set(new)
            case "invite":
                shown = self.sender.invite(self.share, fileRestrictions=files)
                self.people.append(Known(shown, set(files or self.files), bool(files)))
            case "drop" if files:
                self.sender.drop_file(self.share, {"id": files[0]})
                self.files.remove(files[0])
                for one in self.people:
                    one.visible.discard(files[0])
                    one.fetched.discard(files[0])
            case "restrict" if known:
                answer = self.sender.change(self.share, known.shown, fileRestrictions=files)
                assert answer.status_code == 200
                known.visible, known.is_restricted = set(files or self.files), bool(files)
            case "download" if known and files:
                answer = self.sender.act(self.share, known.shown, "download", file=files[0])
                assert answer.status_code == (200 if files[0] in known.visible else 400)
                known.fetched |= {files[0]} & known.visible
            case "remove" if known:
                path = f"/{self.share['id']}/recipients/{known.shown['id']}"
                assert self.sender.call("DELETE", path).status_code == 204
                self.people.remove(known)
        for one in self.people:
            one.reckon()

    def check(self) -> None:
        now = self.sender.read(self.share)
        assert [one["id"] for one in now["files"]] == self.files
        for known, shown in zip(self.people, now["recipients"], strict=True):
            named = set(shown["fileRestrictions"])
            assert (named & set(self.files) if named else set(self.files)) == known.visible
            assert {one["id"] for one in shown["fileAccessInfos"]} == known.fetched
        assert now["completedRecipients"] == sum(one.is_done for one in self.people)
        is_completed = bool(self.people) and all(one.is_done for one in self.people)
        assert now["status"] == ("Completed" if is_completed else "Active")


EVENTS = ("upload", "invite", "invite", "drop", "restrict", "download", "download", "remove")
STEP = st.tuples(st.sampled_from(EVENTS), st.integers(0, 3), st.lists(st.integers(0, 5), max_size=3))


@pytest.fixture(scope="module")
def crowd(server: Server) -> Iterator[Sender]:
    """One workspace for many stories."""
    world = server.world()
    yield Sender(server, world)
    world.close()


@given(steps=st.lists(STEP, max_size=14))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_nobody_ever_sees_more_than_they_were_given(crowd: Sender, steps: list[tuple[str, int, list[int]]]) -> None:
    story = Story(crowd)
    story.tell("upload", 0, [0, 1])
    story.tell("invite", 0, [0])
    for event, who, picks in steps:
        story.tell(event, who, picks)
        story.check()
