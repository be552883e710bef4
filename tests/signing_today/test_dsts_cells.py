"""Every cell of the tables of DSTs and templates over HTTP: what is possible happens, what is not is a 409 and changes
nothing. The tables here are transcribed by hand from the notes on the state machine."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from tests.conftest import Server
from tests.signing_today.people import ANNA, People, people_of, refused
from tests.signing_today.transactions import Desk, a_plan, a_template_plan, a_text, account, an_upload
from tests.world import Json

DRAFT = "draft"
DOWNLOADING = "downloadingInDraft"
DOWNLOADING_TO_PUBLISH = "downloadingInPublished"

# What is possible in which status; everything else answers 409.
TRANSACTION = {
    "put": {DRAFT},
    "upload": {DRAFT},
    "put resource": {DRAFT},
    "delete resource": {DRAFT},
    "publish": {DRAFT},
    "fill": {"toFill"},
    "sign": {"toSign"},
    "decline": {"toSign"},
    "notify": {"toFill", "toSign"},
    "replace": {"rejected"},
    "modify": set(),
    "instantiate": set(),
    "templatize": set(),
    "note": {DRAFT, "toFill", "toSign", "expired", "signed", "rejected", "replaced", "error"},
    "delete": {DRAFT, "toFill", "toSign", "expired", "signed", "rejected", "replaced", "error"},
    "download": {DOWNLOADING, DOWNLOADING_TO_PUBLISH},
    "fail": {DOWNLOADING, DOWNLOADING_TO_PUBLISH},
}
TEMPLATE = {
    "put": {DRAFT},
    "upload": {DRAFT},
    "put resource": {DRAFT},
    "delete resource": {DRAFT},
    "publish": {DRAFT},
    "fill": set(),
    "sign": set(),
    "decline": set(),
    "notify": set(),
    "replace": set(),
    "modify": {"published"},
    "instantiate": {"published"},
    "templatize": {"published"},
    "note": {DRAFT, "published", "error"},
    "delete": {DRAFT, "published", "error"},
    "download": {DOWNLOADING, DOWNLOADING_TO_PUBLISH},
    "fail": {DOWNLOADING, DOWNLOADING_TO_PUBLISH},
}
STATES_OF_TRANSACTIONS = (
    *(DRAFT, DOWNLOADING, DOWNLOADING_TO_PUBLISH, "toFill", "toSign"),
    *("expired", "signed", "rejected", "replaced", "error"),
)
STATES_OF_TEMPLATES = (DRAFT, DOWNLOADING, DOWNLOADING_TO_PUBLISH, "published", "error")

SHOWN = {"replaced": "rejected"}
# Where a verb that succeeds leaves the DST, where that is not where it was.
AFTER = {
    ("publish", False): "toSign",
    ("publish", True): "published",
    ("fill", False): "toSign",
    ("sign", False): "signed",
    ("decline", False): "rejected",
    ("modify", True): DRAFT,
    ("download", False): None,  # nothing is there to be fetched: it fails
    ("download", True): None,
    ("fail", False): "error",
    ("fail", True): "error",
}


@pytest.fixture(scope="module")
def everybody(server: Server) -> Iterator[People]:
    """One workspace for all cells: nothing that these calls do matters to the next."""
    world = server.world()
    assert world.control("PUT", "lags/fetching", {"progression": "manual"}).status_code == 200
    with people_of(world, server) as people:
        yield people
    world.close()


def fetched(desk: Desk, *, is_template: bool, status: str) -> Json:
    """A DST whose document is still to be fetched, from where nobody answers."""
    source = {"type": "URL", "sourceURL": "http://127.0.0.1:9/contract.pdf"}
    plan = a_template_plan() if is_template else a_plan()
    document = {"resource": {"filename": "contract.pdf", "source": source}, **plan}
    wanted = {"title": "Fetched", "documents": [document], "status": status, "template": is_template}
    dst: Json = desk.by(desk.people.robot).call("POST", "/robot/DSTs", json=wanted)
    return dst


def reached(desk: Desk, state: str, *, is_template: bool) -> Json:
    """A DST, or a template, in a status."""
    plan = a_template_plan() if is_template else a_plan()
    makers: dict[str, Callable[[], Json]] = {
        DRAFT: lambda: desk.draft(plan, template=is_template),
        "published": desk.template,
        "toFill": lambda: desk.published(a_plan([account(ANNA)], forms=[a_text()])),
        "toSign": desk.published,
        "signed": desk.signed,
        "rejected": desk.rejected,
        "replaced": lambda: replaced(desk),
        DOWNLOADING: lambda: fetched(desk, is_template=is_template, status="draft"),
        DOWNLOADING_TO_PUBLISH: lambda: fetched(desk, is_template=is_template, status="published"),
        "error": lambda: desk.act(fetched(desk, is_template=is_template, status="draft"), "fail"),
        "expired": lambda: expired(desk),
    }
    dst = makers[state]()
    assert (dst["status"], dst["template"]) == (SHOWN.get(state, state), is_template)
    return dst


def replaced(desk: Desk) -> Json:
    """What is rejected as long as nobody asks to replace it again."""
    dst = desk.rejected()
    desk.call("POST", f"/DST/{dst['id']}/replace")
    return desk.read(dst)


def expired(desk: Desk) -> Json:
    dst = desk.published()
    desk.world.advance("P31D")
    return desk.read(dst)


def attempt(desk: Desk, verb: str, dst: Json) -> httpx.Response:
    client, path = desk.client, f"/DST/{dst['id']}"
    resource = next((one["id"] for one in dst["resources"]), None)
    calls: dict[str, Callable[[], httpx.Response]] = {
        "put": lambda: client.put(path, json={**dst, "title": "Another"}),
        "upload": lambda: client.patch(f"{path}/resources", **an_upload()),
        "put resource": lambda: client.put(f"/resource/{resource}", json={"title": "Another"}),
        "delete resource": lambda: client.delete(f"/DST/resource/{resource}"),
        "note": lambda: client.post(f"{path}/note", json={"text": "A note"}),
        "delete": lambda: client.delete(path),
    }
    if verb in calls:
        return calls[verb]()
    if verb in ("fill", "sign", "decline", "download", "fail"):
        return desk.try_act(dst, verb)
    return client.post(f"{path}/{verb}")


CELLS = [
    pytest.param(verb, state, is_template, id=f"{'template' if is_template else 'DST'}: {verb} in {state}")
    for is_template, table, states in (
        (False, TRANSACTION, STATES_OF_TRANSACTIONS),
        (True, TEMPLATE, STATES_OF_TEMPLATES),
    )
    for state in states
    for verb in table
]


@pytest.mark.parametrize(("verb", "state", "is_template"), CELLS)
def test_a_cell(everybody: People, verb: str, state: str, is_template: bool) -> None:
    desk = Desk(everybody)
    dst = reached(desk, state, is_template=is_template)
    desk = Desk(everybody, everybody.admin)
    if "resource" in verb and not dst["resources"]:
        return  # there is nothing yet that the call could be about
    answer = attempt(desk, verb, dst)
    if state in (TEMPLATE if is_template else TRANSACTION)[verb]:
        assert answer.is_success, answer.text
        if verb != "delete":
            wanted = AFTER.get((verb, is_template), SHOWN.get(state, state))
            assert desk.read(dst)["status"] == (wanted or "error")
        return
    if verb in ("fill", "sign", "decline", "download", "fail"):
        assert answer.status_code == 409, answer.text
        assert answer.json()["state"] == state
    else:
        assert refused(answer, 409, state)["code"] == "IllegalStatus"
    assert desk.read(dst) == dst


def test_a_rejected_dst_is_replaced_once(everybody: People) -> None:
    desk = Desk(everybody)
    old = desk.rejected()
    new = desk.call("POST", f"/DST/{old['id']}/replace")
    refused(desk.client.post(f"/DST/{old['id']}/replace"), 409, "replaced")
    shown = desk.read(old)
    assert (shown["status"], shown["replacedBy"]) == ("rejected", new["id"])
    for query in ("status==rejected", "status=in=(rejected,signed)", "status!=signed"):
        listed = desk.call("GET", "/DSTs", params={"$filter": f"{query};id=={old['id']}", "$orderBy": "status"})
        assert [one["status"] for one in listed["values"]] == ["rejected"]
    refused(desk.client.get("/DSTs", params={"$filter": "status==replaced"}), 400, "$filter")
