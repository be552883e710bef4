"""A transaction: all of it or nothing, and everything a verb may ask."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from localsign.core.clock import Clock
from localsign.core.errors import IllegalTransitionError, NotFoundError
from localsign.core.paging import Window, cut
from localsign.core.tables import Announcement, Choice, Timer
from localsign.core.work import Work
from localsign.sandbox import Sandbox
from localsign.sign.lifecycle import DOCUMENT, PACKAGE, DocumentEvent, DocumentState, PackageEvent, PackageState
from localsign.sign.models import Document, Package
from localsign.workspace import Workspace


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.fixture
def workspace(sandbox: Sandbox) -> Workspace:
    return sandbox.create(seed="work")


def a_document(work: Work) -> Document:
    document = Document(
        id=work.new_id(),
        state=DocumentState.UNASSIGNED,
        mime_type="text/plain",
        digest="0" * 64,
        size=1,
        created_at=work.now,
    )
    work.db.add(document)
    return document


def a_package(work: Work) -> Package:
    package = Package(id=work.new_id(), state=PackageState.PENDING, type="PADES_CONTAINER", session_id=work.new_id())
    work.db.add(package)
    return package


class MishapError(Exception):
    """What goes wrong in the middle of these transactions."""


def fail_after(workspace: Workspace, act: Callable[[Work], object]) -> None:
    """A transaction that does `act` and then goes wrong."""

    def attempt() -> None:
        with workspace.work() as work:
            act(work)
            raise MishapError

    with pytest.raises(MishapError):
        attempt()


# ---- all or nothing


def test_an_error_in_the_middle_leaves_nothing_behind(workspace: Workspace) -> None:
    drawn: list[UUID] = []

    def do_everything(work: Work) -> None:
        drawn.append(work.new_id())
        a_document(work)
        package = a_package(work)
        work.db.flush()
        work.fire(PACKAGE, package, PackageEvent.COMPLETE)
        work.schedule("sign.purge", package.id, work.now)
        work.schedule_new("sign.purge", work.new_id(), work.now)
        work.insert(Choice, {"name": "a", "value": "b"})
        work.clock = work.clock.frozen(work.now)

    fail_after(workspace, do_everything)

    assert workspace.clock == Clock()
    assert workspace.next_due is None
    assert not workspace.is_due()
    with workspace.work() as work:
        assert [work.new_id()] == drawn  # the draws were taken back as well
        for table in (Document, Package, Timer, Announcement, Choice):
            assert work.db.exec(select(table)).all() == []


def test_a_total_that_was_counted_and_undone_is_forgotten(workspace: Workspace) -> None:
    def total(work: Work) -> int:
        return cut(work, Document, select(Document), Window(0, 10), {}, tie=Document.seq, filters=()).total

    def count_two(work: Work) -> None:
        a_document(work)
        assert total(work) == 2

    with workspace.work() as work:
        a_document(work)
    fail_after(workspace, count_two)
    with workspace.work() as work:
        assert total(work) == 1
        work.db.delete(work.db.exec(select(Document)).one())
    with workspace.work() as work:
        assert total(work) == 0


def test_a_transaction_that_failed_lets_the_next_one_in(workspace: Workspace) -> None:
    for _ in range(3):
        fail_after(workspace, lambda work: None)
    with workspace.work() as work:
        a_document(work)


def test_a_commit_that_fails_leaves_nothing_and_lets_the_next_one_in(workspace: Workspace) -> None:
    def two_of_one_id() -> None:
        with workspace.work() as work:
            a_document(work).id = a_document(work).id

    with pytest.raises(IntegrityError, match="UNIQUE"):
        two_of_one_id()
    with workspace.work() as work:
        assert work.db.exec(select(Document)).all() == []


# ---- looking up


def test_a_row_is_found_by_its_id_until_it_is_gone(workspace: Workspace) -> None:
    with workspace.work() as work:
        document_id = a_document(work).id
    with workspace.work() as work:
        for look in (work.get, work.glance):
            assert look(Document, document_id).id == document_id
        work.fire(DOCUMENT, work.get(Document, document_id), DocumentEvent.DELETE)
    with workspace.work() as work:
        for look in (work.get, work.glance):
            with pytest.raises(NotFoundError, match=f"There is no document with the id {document_id}"):
                look(Document, document_id)
        found = work.find(Document, document_id)
        assert found is not None
        assert found.state is DocumentState.DELETED


def test_what_is_only_looked_at_shows_what_was_written_before(workspace: Workspace) -> None:
    with workspace.work() as work:
        document = a_document(work)
        document.title = "new"
        seen = work.glance(Document, document.id)
        assert (seen.title, seen.state, seen.created_at) == ("new", DocumentState.UNASSIGNED, work.now)


def test_what_is_only_looked_at_cannot_be_changed(workspace: Workspace) -> None:
    with workspace.work() as work:
        document_id = a_document(work).id
    with workspace.work() as work:
        seen = work.glance(Document, document_id)
        with pytest.raises(AttributeError):
            seen.title = "new"


def test_many_rows_are_looked_up_at_once_in_the_order_of_their_making(workspace: Workspace) -> None:
    with workspace.work() as work:
        ids = [a_document(work).id for _ in range(1203)]  # more than fit into one statement
        found = work.look_up(Document, "id", list(reversed(ids[:400])))
        assert [one.id for one in found] == ids[:400]
        assert {one.id for one in work.look_up(Document, "id", ids)} == {*ids}
        assert work.look_up(Document, "id", []) == []
        assert work.look_up(Document, "id", [UUID(int=0)]) == []


# ---- moving


def test_firing_moves_tells_and_announces(workspace: Workspace) -> None:
    with workspace.work() as work:
        package = a_package(work)
        work.fire(PACKAGE, package, PackageEvent.COMPLETE)
        assert package.state is PackageState.COMPLETED
        assert work.followed.entries == [
            {"machine": "package", "id": str(package.id), "event": "complete", "from": "PENDING", "to": "COMPLETED"},
            {"announced": "package.completed", "id": str(package.id)},
        ]
        session_id = str(package.session_id)
    with workspace.work() as work:
        [announced] = work.db.exec(select(Announcement)).all()
        assert (announced.api, announced.name, announced.subject) == ("sign", "package.completed", str(package.id))
        assert announced.data == {"id": str(package.id), "sessionId": session_id}


def test_what_may_not_happen_tells_and_announces_nothing(workspace: Workspace) -> None:
    with workspace.work() as work:
        package = a_package(work)
        work.fire(PACKAGE, package, PackageEvent.FAIL)
        told = list(work.followed.entries)
        with pytest.raises(IllegalTransitionError):
            work.fire(PACKAGE, package, PackageEvent.COMPLETE)
        assert package.state is PackageState.FAILED
        assert work.followed.entries == told
    with workspace.work() as work:
        assert [one.name for one in work.db.exec(select(Announcement))] == ["package.failed"]


# ---- time within


def test_a_transaction_has_one_moment(workspace: Workspace) -> None:
    with workspace.work() as work:
        now = work.now
        work.clock = work.clock.moved_to(now + timedelta(days=1))
        assert work.now == now
    with workspace.work() as work:
        assert work.now >= now + timedelta(days=1)


def test_a_transaction_can_happen_at_another_moment(workspace: Workspace) -> None:
    moment = workspace.clock.now() + timedelta(hours=1)
    with workspace.work(moment) as work:
        assert work.now == moment
    assert workspace.clock == Clock()
