"""Who sees a DST: each reason alone, by the id and in the list; nobody else does."""

from collections.abc import Callable

import httpx
import pytest
from tests.signing_today.people import ANNA, STRANGER, People, refused
from tests.signing_today.transactions import Desk, a_plan, account
from tests.world import Json


def sees(client: httpx.Client, dst: Json) -> bool:
    """Whether somebody sees a DST, which the list and the id must agree on."""
    query = {"template": str(dst["template"]).lower(), "$filter": f"id=={dst['id']}"}
    is_listed = bool(client.get("/DSTs", params=query).json()["values"])
    answer = client.get(f"/DST/{dst['id']}")
    if not is_listed:
        refused(answer, 404)
        refused(client.get(f"/DST/{dst['id']}/audit"), 403, "id")
    else:
        assert answer.status_code == 200
    return is_listed


# How Anna comes to see a DST of the instructor's.
REASONS: dict[str, Callable[[Desk], Json]] = {
    "visibleTo": lambda desk: desk.create(visibleTo=[ANNA]),
    "ccUsers": lambda desk: desk.create(ccUsers=[ANNA]),
    "ccGroups": lambda desk: desk.create(ccGroups=["Nobody", "Legal"]),
    "signer": lambda desk: desk.published(a_plan([account(ANNA)])),
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_a_reason_is_enough(people: People, reason: str) -> None:
    desk = Desk(people)
    dst = REASONS[reason](desk)
    assert sees(people.instructor, dst)
    assert sees(people.anna, dst)
    assert not sees(people.carla, dst)
    refused(people.at("admin", "partner").get(f"/DST/{dst['id']}"), 404)
    refused(people.at("admin", "partner").get(f"/DST/{dst['id']}/audit"), 404)


def test_a_signer_sees_nothing_of_a_draft(people: People) -> None:
    assert not sees(people.anna, Desk(people).draft(a_plan([account(ANNA)])))


def test_an_admin_sees_what_others_made_but_does_not_have_it_in_its_own_list(people: People) -> None:
    dst = Desk(people).create()
    assert people.admin.get(f"/DST/{dst['id']}").status_code == 200
    assert people.admin.get("/DSTs").json()["values"] == []
    of_the_instructor = {"userId": dst["createdByUser"]}
    assert [one["id"] for one in people.admin.get("/DSTs", params=of_the_instructor).json()["values"]] == [dst["id"]]
    refused(people.anna.get("/DSTs", params=of_the_instructor), 403, "dst.list.all")


def test_a_public_template_is_seen_by_those_who_may_create(people: People) -> None:
    admin = Desk(people, people.admin)
    public, own = admin.template(publicTemplate=True), admin.template()
    assert [sees(one, public) for one in (people.instructor, people.robot, people.anna)] == [True, True, False]
    assert [sees(one, own) for one in (people.instructor, people.robot, people.anna)] == [False, False, False]


def test_nobody_sees_across_domains(people: People) -> None:
    dst = Desk(people).published(visibleTo=[STRANGER], ccUsers=[STRANGER], ccGroups=["Board"])
    stranger = people.at("admin", "partner")
    assert stranger.get("/DSTs").json()["values"] == []
    for path in ("", "/audit", "/note", "/resources"):
        refused(stranger.get(f"/DST/{dst['id']}{path}"), 404)
    refused(stranger.get(f"/resource/{dst['resources'][0]['id']}"), 404)
