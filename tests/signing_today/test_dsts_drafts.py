"""Drafts: what may be in them, what PUT does, and what keeps one from being published."""

import json
from typing import Any

import pytest
from tests.signing_today.people import ANNA, BRUNO, NOBODY, STRANGER, People, refused
from tests.signing_today.transactions import (
    Desk,
    a_place,
    a_plan,
    a_request,
    a_text,
    account,
    external,
)
from tests.world import Json, unknown_id


def plan_of(dst: Json, **plan: Any) -> Json:
    """The DST with another plan of its first document."""
    first, *others = dst["documents"]
    return {**dst, "documents": [{**first, **plan}, *others]}


def test_the_documented_sample_of_a_creation_is_taken(desk: Desk) -> None:
    """Its references do not fit together; a draft may be like that."""
    sample = {
        "domain": "bit4id",
        "documents": [
            {
                "id": 1,
                "plainDocumentUuid": unknown_id(),
                "forms": [a_place(2, documentId=3, signerId=1, toFill=True, invisible=True, positionX="100.00")],
                "signatureRequests": [a_request(3, 2, restrictions=[{"rule": "", "operator": "", "value": ""}])],
                "signerGroups": [{"signers": [account(unknown_id(), 1, templateLabel="Buyer", phone="+013392213450")]}],
            }
        ],
        "resources": [{"id": unknown_id(), "pages": 3}],
        "signatures": [{"documentId": 3, "signatureRequestId": 2, "signedAt": "2021-10-17T07:26Z"}],
        "errorMessage": None,
        "ccGroups": ["Marketing"],
    }
    dst = desk.create(**sample)
    assert dst["resources"] == dst["signatures"] == []
    [form] = dst["documents"][0]["forms"]
    assert (form["positionX"], form["positionY"]) == (100.0, 80.5)
    assert (form["documentId"], form["toFill"]) == (1, False)
    flaws = refused(desk.client.post(f"/DST/{dst['id']}/publish"), 400)
    assert {one["target"] for one in flaws} == {
        "documents[0].plainDocumentUuid",
        "documents[0].forms[0].extraData.signatureRequestId",
        "documents[0].signatureRequests[0].signerId",
        "documents[0].signerGroups[0].signers[0].userUUID",
    }


def test_numbers_come_out_as_numbers(desk: Desk) -> None:
    dst = desk.draft(a_plan(forms=[a_place(positionX="10.5", width="20")]))
    [form] = dst["documents"][0]["forms"]
    assert (form["positionX"], form["width"]) == (10.5, 20.0)


def test_parts_without_an_id_get_one(desk: Desk) -> None:
    bare = {"signers": [{"name": "A"}, {"name": "B", "id": 1}]}
    dst = desk.create(documents=[{"signerGroups": [bare]}, {"id": 1}, {}])
    assert [one["id"] for one in dst["documents"]] == [2, 1, 3]
    assert [one["id"] for one in dst["documents"][0]["signerGroups"][0]["signers"]] == [2, 1]


def test_a_ticket_that_a_client_sends_is_not_kept(desk: Desk) -> None:
    request = a_request(extraData={"st_ticketUrl": "http://elsewhere.example/", "mine": 1})
    dst = desk.draft(a_plan(signatureRequests=[request]))
    assert dst["documents"][0]["signatureRequests"][0]["extraData"] == {"mine": 1}


def test_put_replaces_what_can_be_written(desk: Desk) -> None:
    dst = desk.draft(tags=["a"], urgent=True, ccUsers=[ANNA], extraData={"a": 1})
    desk.world.advance("PT1M")
    after = desk.call("PUT", f"/DST/{dst['id']}", json={"title": "Another"})
    assert after["title"] == "Another"
    assert (after["tags"], after["urgent"], after["ccUsers"], after["extraData"]) == ([], False, [], {})
    assert after["documents"] == []
    assert after["resources"] == dst["resources"]
    assert after["updatedAt"] > dst["updatedAt"]
    assert after["createdAt"] == dst["createdAt"]


def test_a_world_may_choose_that_put_merges(desk: Desk) -> None:
    dst = desk.draft(tags=["a"], urgent=True)
    desk.choose("put", "merge")
    after = desk.call("PUT", f"/DST/{dst['id']}", json={"title": "Another"})
    assert (after["title"], after["tags"], after["urgent"]) == ("Another", ["a"], True)
    assert after["documents"] == dst["documents"]


BAD_PLANS = [
    ({"signatureRequests": [a_request(signerId=7)]}, "documents[0].signatureRequests[0].signerId"),
    ({"signatureRequests": [a_request(signerId=None)]}, "documents[0].signatureRequests[0].signerId"),
    ({"signatureRequests": [a_request(), a_request()]}, "documents[0].signatureRequests.id"),
    ({"forms": [a_text(signerId=7)]}, "documents[0].forms[0].signerId"),
    ({"forms": [a_text(), a_text()]}, "documents[0].forms.id"),
    ({"forms": [a_place(request=7)]}, "documents[0].forms[0].extraData.signatureRequestId"),
    ({"forms": [a_place(page=3)]}, "documents[0].forms[0].page"),
    ({"plainDocumentUuid": NOBODY}, "documents[0].plainDocumentUuid"),
    ({"signerGroups": [{"signers": [external(1), external(1)]}]}, "documents[0].signerGroups.signers.id"),
    (
        {"signatureRequests": [a_request(1, signProfile="CAdES"), a_request(2, signProfile="PAdES")]},
        "documents[0].signatureRequests",
    ),
]


@pytest.mark.parametrize(("plan", "target"), BAD_PLANS, ids=[target for _, target in BAD_PLANS])
def test_put_refuses_a_plan_that_is_not_of_one_piece(desk: Desk, plan: Json, target: str) -> None:
    dst = desk.draft()
    refused(desk.client.put(f"/DST/{dst['id']}", json=plan_of(dst, **plan)), 400, target)
    assert desk.read(dst) == dst


BAD_MEMBERS: list[tuple[Json, str]] = [
    ({"title": 7}, "title"),
    ({"title": "x" * 256}, "title"),
    ({"title": "\ud800"}, "title"),
    ({"tags": "important"}, "tags"),
    ({"tags": [7]}, "tags[0]"),
    ({"template": "yes"}, "template"),
    ({"visibleTo": ["me"]}, "visibleTo[0]"),
    ({"extraData": []}, "extraData"),
    ({"documents": {}}, "documents"),
    ({"documents": [{"id": "1"}]}, "documents[0].id"),
    ({"documents": [{"id": 2**31}]}, "documents[0].id"),
    ({"documents": [{"id": 1}, {"id": 1}]}, "documents.id"),
    ({"documents": [{"forms": [{"positionX": "left"}]}]}, "documents[0].forms[0].positionX"),
    ({"documents": [{"forms": [{"positionX": 101}]}]}, "documents[0].forms[0].positionX"),
    ({"documents": [{"forms": [{"positionX": "nan"}]}]}, "documents[0].forms[0].positionX"),
    ({"documents": [{"forms": [{"page": 0}]}]}, "documents[0].forms[0].page"),
    (
        {"documents": [{"signatureRequests": [{"signProfile": "XAdES"}]}]},
        "documents[0].signatureRequests[0].signProfile",
    ),
    (
        {"documents": [{"signerGroups": [{"signers": [{"userUUID": "me"}]}]}]},
        "documents[0].signerGroups[0].signers[0].userUUID",
    ),
]


@pytest.mark.parametrize(("members", "target"), BAD_MEMBERS, ids=[str(one)[:60] for one, _ in BAD_MEMBERS])
def test_what_has_the_wrong_shape_is_refused(desk: Desk, members: Json, target: str) -> None:
    headers = {"Content-Type": "application/json"}
    content = json.dumps(members).encode()
    refused(desk.client.post("/DSTs", content=content, headers=headers), 400, target)
    dst = desk.create()
    refused(desk.client.put(f"/DST/{dst['id']}", content=content, headers=headers), 400, target)
    assert desk.read(dst) == dst


def test_every_flaw_is_told(desk: Desk) -> None:
    refused(desk.client.post("/DSTs", json={"title": 1, "tags": 2, "urgent": 3}), 400, "title", "tags", "urgent")


GAPS: list[tuple[Json, str]] = [
    ({"documents": []}, "documents"),
    ({"signatureRequests": []}, "documents"),
    ({"plainDocumentUuid": None}, "documents[0].plainDocumentUuid"),
    ({"signerGroups": [{"signers": [{"id": 1, "templateLabel": "Buyer"}]}]}, "documents[0].signerGroups[0].signers[0]"),
    (
        {"signerGroups": [{"signers": [account(NOBODY)]}]},
        "documents[0].signerGroups[0].signers[0].userUUID",
    ),
    (
        {"signerGroups": [{"signers": [account(STRANGER)]}]},
        "documents[0].signerGroups[0].signers[0].userUUID",
    ),
]


@pytest.mark.parametrize(("plan", "target"), GAPS, ids=[str(one)[:60] for one, _ in GAPS])
def test_what_is_incomplete_is_not_published(desk: Desk, plan: Json, target: str) -> None:
    dst = desk.draft()
    dst = desk.put({**dst, **plan} if "documents" in plan else plan_of(dst, **plan))
    refused(desk.client.post(f"/DST/{dst['id']}/publish"), 400, target)
    assert desk.read(dst) == dst
    assert desk.events(dst) == []


def test_a_template_may_lack_people_and_files(desk: Desk) -> None:
    dst = desk.publish(desk.create(template=True))
    assert (dst["status"], dst["template"]) == ("published", True)
    assert "expiresAt" not in dst
    assert desk.events(dst) == ["event_published"]


def test_a_signer_with_an_account_is_named_after_it(desk: Desk) -> None:
    dst = desk.published(a_plan([account(ANNA, email="other@example.com")]))
    [signer] = dst["documents"][0]["signerGroups"][0]["signers"]
    assert (signer["name"], signer["surname"], signer["email"]) == ("Anna", "Rossi", "other@example.com")
    assert signer["phone"] == "+390810000003"


def test_a_group_stands_for_its_members(desk: Desk) -> None:
    """Anna and Bruno are in Sales; each signs, side by side in the place of the group."""
    sales = {"id": 1, "name": "Sales", "role": "seller"}
    plan = a_plan([sales], forms=[a_place(), a_text(11)], signatureRequests=[a_request()])
    dst = desk.published(plan)
    [document] = dst["documents"]
    [group] = document["signerGroups"]
    assert [(one["userUUID"], one["role"]) for one in group["signers"]] == [(ANNA, "seller"), (BRUNO, "seller")]
    assert [one["signerId"] for one in document["signatureRequests"]] == [one["id"] for one in group["signers"]]
    places = [one for one in document["forms"] if one["type"] == "SignatureForm"]
    assert [(one["positionX"], one["width"]) for one in places] == [(10, 15), (25, 15)]
    wanted = [one["id"] for one in document["signatureRequests"]]
    assert [one["extraData"]["signatureRequestId"] for one in places] == wanted
    dst = desk.act(dst, "fill")
    dst = desk.act(dst, "sign")
    assert dst["status"] == "toSign"
    assert desk.act(dst, "sign")["status"] == "signed"


def test_a_world_may_choose_that_names_are_no_groups(desk: Desk) -> None:
    desk.choose("group-signers", "none")
    dst = desk.published(a_plan([{"id": 1, "name": "Sales"}]))
    [group] = dst["documents"][0]["signerGroups"]
    assert ["userUUID" in one for one in group["signers"]] == [False]


def test_who_may_create_and_change(people: People) -> None:
    refused(people.anna.post("/DSTs", json={}), 403, "role")
    refused(people.nobody.post("/DSTs", json={}), 401)
    dst = Desk(people, people.admin).draft(publicTemplate=True, template=True)
    path = f"/DST/{dst['id']}"
    for method, more in (("PUT", ""), ("DELETE", ""), ("POST", "/publish"), ("POST", "/notify"), ("POST", "/modify")):
        body = {"title": "Mine"} if method == "PUT" else None
        refused(people.instructor.request(method, path + more, json=body), 403, "id")
        refused(people.at("admin", "partner").request(method, path + more, json=body), 404)
    assert Desk(people, people.admin).read(dst) == dst
    own = Desk(people).draft()
    assert Desk(people, people.admin).publish(own)["status"] == "toSign"  # admins may change all of their domain


def test_a_dst_may_not_ask_for_endlessly_many_signatures(desk: Desk) -> None:
    requests = [a_request(number) for number in range(1, 252)]
    dst = desk.draft(a_plan(signatureRequests=requests), a_plan(signatureRequests=requests))
    [flaw] = refused(desk.client.post(f"/DST/{dst['id']}/publish"), 400, "documents")
    assert "502" in flaw["message"]
