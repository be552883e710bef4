"""Templates and what is made of them, and what replaces a rejected DST."""

from tests.signing_today.people import ANNA, INSTRUCTOR, People, refused
from tests.signing_today.transactions import Desk, a_plan, a_template_plan, a_text, account
from tests.world import Json


def bare(dst: Json) -> list[Json]:
    """The plans of a DST, without the ids of files and of parts, which differ in every copy."""
    return [
        {name: document[name] for name in ("id", "forms", "signatureRequests", "signerGroups")}
        for document in dst["documents"]
    ]


def test_an_instance_is_a_draft_like_its_template(desk: Desk) -> None:
    template = desk.template(a_template_plan(), tags=["sale"], ccUsers=[ANNA], extraData={"a": 1})
    dst = desk.call("POST", f"/DST/{template['id']}/instantiate")
    assert dst["id"] != template["id"]
    assert (dst["status"], dst["template"], dst["publicTemplate"]) == ("draft", False, False)
    assert (dst["tags"], dst["ccUsers"], dst["extraData"]) == (["sale"], [ANNA], {"a": 1})
    assert bare(dst) == bare(template)
    assert "publishedAt" not in dst
    [file], [original] = dst["resources"], template["resources"]
    assert file["id"] != original["id"]
    assert file["dstUuid"] == dst["id"]
    assert dst["documents"][0]["plainDocumentUuid"] == file["id"]
    assert desk.download(file["id"]) == desk.download(original["id"])
    assert desk.read(template) == template


def test_an_instance_is_signed_once_people_are_in_it(desk: Desk) -> None:
    dst = desk.call("POST", f"/DST/{desk.template()['id']}/instantiate")
    refused(desk.client.post(f"/DST/{dst['id']}/publish"), 400)
    [document] = dst["documents"]
    document["signerGroups"][0]["signers"][0]["userUUID"] = ANNA
    document["signerGroups"][1]["signers"][0]["email"] = "eve@example.com"
    dst = desk.publish(desk.put(dst))
    assert desk.act(desk.act(dst, "sign"), "sign")["status"] == "signed"


def test_files_of_an_instance_are_its_own(desk: Desk) -> None:
    template = desk.template()
    dst = desk.call("POST", f"/DST/{template['id']}/instantiate")
    desk.call("DELETE", f"/DST/resource/{dst['resources'][0]['id']}")
    assert desk.download(template["resources"][0]["id"])


def test_a_template_of_a_template(desk: Desk) -> None:
    template = desk.template(publicTemplate=True)
    made = desk.call("POST", f"/DST/{template['id']}/templatize")
    assert (made["status"], made["template"], made["publicTemplate"]) == ("draft", True, True)
    assert bare(made) == bare(template)


def test_a_template_is_modified_in_draft_and_published_again(desk: Desk) -> None:
    template = desk.template()
    draft = desk.call("POST", f"/DST/{template['id']}/modify")
    assert (draft["id"], draft["status"], draft.get("publishedAt")) == (template["id"], "draft", None)
    assert desk.publish(desk.put(draft, title="Better"))["title"] == "Better"


def test_who_may_use_a_template(people: People) -> None:
    admin = Desk(people, people.admin)
    public, own = admin.template(publicTemplate=True), admin.template()
    made = Desk(people).call("POST", f"/DST/{public['id']}/instantiate")
    assert made["createdByUser"] == INSTRUCTOR
    refused(people.instructor.post(f"/DST/{own['id']}/instantiate"), 403, "id")
    refused(people.instructor.post(f"/DST/{public['id']}/modify"), 403, "id")
    refused(people.anna.post(f"/DST/{public['id']}/instantiate"), 403, "role")
    refused(people.anna.get(f"/DST/{public['id']}"), 404)
    refused(people.at("admin", "partner").post(f"/DST/{public['id']}/instantiate"), 404)


def test_what_replaces_a_rejected_one_begins_anew(desk: Desk) -> None:
    plan = a_plan([account(ANNA)], forms=[a_text()])
    old = desk.act(desk.act(desk.published(plan), "fill", text="Napoli"), "decline", reason="No")
    new = desk.call("POST", f"/DST/{old['id']}/replace")
    assert (new["status"], new["replaces"], new.get("replacedBy")) == ("draft", old["id"], None)
    assert new["signatures"] == []
    assert len(new["resources"]) == 1
    [form] = new["documents"][0]["forms"]
    assert form["filled"] is False
    assert new["documents"][0]["status"] == "plain"
    after = desk.read(old)
    assert (after["status"], after["replacedBy"]) == ("rejected", new["id"])
    assert desk.events(old)[-1] == "event_replacement"
    dst = desk.act(desk.publish(new), "fill")
    assert desk.act(dst, "sign")["status"] == "signed"
