"""GET /DSTs: whose, which, in which order, how many."""

import pytest
from tests.signing_today.people import ADMIN, ANNA, BRUNO, INSTRUCTOR, NOBODY, STRANGER, People, refused
from tests.signing_today.transactions import Desk, a_plan, account
from tests.world import Json


def titles(desk: Desk, **parameters: str) -> list[str]:
    found: Json = desk.call("GET", "/DSTs", params={f"${name}": value for name, value in parameters.items()})
    return [one["title"] for one in found["values"]]


@pytest.fixture
def three(desk: Desk) -> Desk:
    """A desk with three drafts: Milk, Bread, Butter; the last is the newest."""
    for title, tags in (("Milk", ["cold"]), ("Bread", []), ("Butter", ["cold", "fat"])):
        desk.create(title=title, tags=tags, urgent=title == "Bread")
    return desk


def test_the_newest_comes_first(three: Desk) -> None:
    assert titles(three) == ["Butter", "Bread", "Milk"]


def test_a_page_is_cut_after_what_is_skipped(three: Desk) -> None:
    assert titles(three, top="1") == ["Butter"]
    assert titles(three, top="1", skip="1") == ["Bread"]
    assert titles(three, skip="2") == ["Milk"]
    assert titles(three, top="0") == []
    assert titles(three, skip="9223372036854775807") == []


@pytest.mark.parametrize("asked", ["true", "True", "TRUE"])
def test_all_are_counted(three: Desk, asked: str) -> None:
    found = three.call("GET", "/DSTs", params={"$count": asked, "$top": "1"})
    assert found["count"] == 3
    assert len(found["values"]) == 1
    assert three.call("GET", "/DSTs")["count"] == 3


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('title == "Milk" or title == "Bread"', ["Bread", "Milk"]),
        ("title==B*", ["Butter", "Bread"]),
        ("title!=B*", ["Milk"]),
        ("tags==cold", ["Butter", "Milk"]),
        ("tags==cold;tags!=fat", ["Milk"]),
        ("tags=out=(cold)", ["Bread"]),
        ("urgent==True", ["Bread"]),
        ("status==draft;urgent==false", ["Butter", "Milk"]),
        ("status=in=(signed,expired)", []),
        (f"createdByUser=={INSTRUCTOR}", ["Butter", "Bread", "Milk"]),
        ("publishedAt==null", ["Butter", "Bread", "Milk"]),
        ("createdAt>2020-01-01", ["Butter", "Bread", "Milk"]),
        ("createdAt<2020-01-01T00:00:00Z", []),
        ("$filter=title==Milk", ["Milk"]),
        ("template==false;publicTemplate==false;domain==demo", ["Butter", "Bread", "Milk"]),
    ],
)
def test_a_filter_chooses(three: Desk, text: str, found: list[str]) -> None:
    assert titles(three, filter=text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("title", ["Bread", "Butter", "Milk"]),
        ("title,desc", ["Milk", "Butter", "Bread"]),
        ("urgent,desc,title,desc", ["Bread", "Milk", "Butter"]),
        ("$orderBy=createdAt", ["Milk", "Bread", "Butter"]),
    ],
)
def test_an_order_sorts(three: Desk, text: str, found: list[str]) -> None:
    assert titles(three, orderBy=text) == found


def test_names_may_be_escaped_and_blanks_plus_signs(three: Desk) -> None:
    """As the generated clients send them."""
    found = three.call("GET", "/DSTs?%24filter=title+%3D%3D+%22Milk%22&%24count=True")
    assert found["count"] == 1


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ("$filter=titel==x", "$filter"),
        ("$filter=title==", "$filter"),
        ("$filter=status==done", "$filter"),
        ("$orderBy=titel", "$orderBy"),
        ("$orderBy=tags", "$orderBy"),
        ("$top=-1", "$top"),
        ("$top=2147483648", "$top"),
        ("$skip=x", "$skip"),
        ("$skip=9223372036854775808", "$skip"),
        ("$count=maybe", "$count"),
        ("template=maybe", "template"),
        ("userId=me", "userId"),
    ],
)
def test_what_cannot_be_asked_is_refused(desk: Desk, query: str, target: str) -> None:
    refused(desk.client.get(f"/DSTs?{query}"), 400, target)


def test_a_refused_filter_says_where(desk: Desk) -> None:
    [flaw] = refused(desk.client.get("/DSTs?$filter=title==x;;"), 400, "$filter")
    assert "character 10" in flaw["message"]


def test_templates_are_listed_apart(desk: Desk) -> None:
    template, dst = desk.template(), desk.create()
    assert [one["id"] for one in desk.call("GET", "/DSTs?template=True")["values"]] == [template["id"]]
    assert [one["id"] for one in desk.call("GET", "/DSTs?template=false")["values"]] == [dst["id"]]


def ids(desk: Desk, **parameters: str) -> set[str]:
    return {one["id"] for one in desk.call("GET", "/DSTs", params=parameters)["values"]}


def test_everybody_has_the_own_ones(people: People) -> None:
    desk = Desk(people)
    signing = desk.published(a_plan([account(ANNA)]))["id"]
    seen = desk.create(visibleTo=[BRUNO])["id"]
    told = desk.create(ccUsers=[ANNA])["id"]
    by_group = desk.create(ccGroups=["Sales"])["id"]
    mine = desk.create()["id"]
    anna, bruno = desk.by(people.anna), desk.by(people.bruno)
    assert ids(desk) == {signing, seen, told, by_group, mine}
    assert ids(anna) == {signing, told, by_group}
    assert ids(bruno) == {seen, by_group}
    assert ids(desk.by(people.carla)) == set()
    assert ids(desk.by(people.at("admin", "partner"))) == set()


def test_those_of_another_user_need_a_capability(people: People) -> None:
    dst = Desk(people).published(a_plan([account(ANNA)]))
    admin, anna = Desk(people, people.admin), Desk(people, people.anna)
    assert ids(admin) == set()
    assert ids(admin, userId=ANNA) == ids(admin, userId=INSTRUCTOR) == {dst["id"]}
    assert ids(admin, userId=STRANGER) == ids(admin, userId=NOBODY) == set()
    assert ids(anna, userId=ANNA) == {dst["id"]}
    refused(people.anna.get(f"/DSTs?userId={ADMIN}"), 403, "dst.list.all")


def test_public_templates_are_there_for_all_who_may_create(people: People) -> None:
    desk = Desk(people, people.admin)
    public, own = desk.template(publicTemplate=True), desk.template()
    assert ids(Desk(people), template="true") == {public["id"]}
    assert ids(desk, template="true") == {public["id"], own["id"]}
    assert ids(Desk(people, people.anna), template="true") == set()


def test_what_was_deleted_is_not_listed(three: Desk) -> None:
    [newest, *_] = three.call("GET", "/DSTs")["values"]
    three.call("DELETE", f"/DST/{newest['id']}", 204)
    assert titles(three) == ["Bread", "Milk"]
    refused(three.client.get(f"/DST/{newest['id']}"), 404)
    refused(three.client.delete(f"/DST/{newest['id']}"), 404)
