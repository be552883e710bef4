"""Words for what is wrong with an input."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from localsign.core.errors import Flaw
from localsign.core.flaws import flaw_of, path_of, unknown_members

names = st.from_regex("[a-z][a-zA-Z]{0,8}", fullmatch=True)
steps = st.lists(st.one_of(names, st.integers(0, 99)), max_size=6)


@given(steps)
def test_a_path_can_be_taken_apart_again(location: list[str | int]) -> None:
    found = [int(index) if index else name for index, name in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path_of(location))]
    assert found == location


def test_a_path_reads_like_code() -> None:
    assert path_of(("documents", 0, "action")) == "documents[0].action"
    assert path_of((0, "title")) == "[0].title"
    assert path_of(()) == ""


class Inner(BaseModel):
    model_config = ConfigDict(extra="allow")
    title: str | None = None


class Outer(BaseModel):
    model_config = ConfigDict(extra="allow")
    first: Inner | None = None
    many: list[Inner] = Field(default_factory=list, alias="manyOnes")


@given(st.dictionaries(names.filter(lambda name: name not in {"first", "manyOnes", "many", "title"}), st.none()))
def test_every_unknown_member_is_found_wherever_it_is(unknown: dict[str, None]) -> None:
    body = {**unknown, "first": {"title": "x", **unknown}, "manyOnes": [{}, unknown]}
    found = unknown_members([Outer.model_validate(body)])
    places = [f"[0]{inside}.{name}" for inside in ("", ".first", ".manyOnes[1]") for name in unknown]
    assert sorted(flaw.name for flaw in found) == sorted(places)
    assert {flaw.reason for flaw in found} <= {"is not a known member"}


def test_known_members_are_no_flaws() -> None:
    assert unknown_members(Outer.model_validate({"first": {"title": "x"}, "manyOnes": [{}]})) == []
    assert unknown_members("text") == []


def flaw_for(kind: Any, value: Any) -> Flaw:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, kind]).validate_python({"member": value})
    return flaw_of(caught.value.errors()[0])


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        (int, "x", "must be a whole number"),
        (int, 1.5, "must be a whole number"),
        (int, [], "must be a whole number"),
        (bool, "perhaps", "must be true or false"),
        (bool, [], "must be true or false"),
        (str, 7, "must be a string"),
        (UUID, "x", "must be a UUID"),
        (list[int], "x", "must be an array"),
        (dict[str, int], "x", "must be an object"),
        (Inner, "x", "must be an object"),
        (Literal["A", "B"], "C", "must be one of A, B"),
        (Annotated[int, Field(ge=3)], 2, "must be at least 3"),
        (Annotated[int, Field(le=3)], 4, "must be at most 3"),
        (Annotated[str, Field(min_length=2)], "x", "must be at least 2 characters"),
        (Annotated[str, Field(max_length=2)], "xyz", "must be at most 2 characters"),
        (Annotated[str, Field(pattern="^a$")], "b", "must match ^a$"),
        (Annotated[list[int], Field(min_length=2)], [1], "must have at least 2 items, has 1"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "must have at most 1 items, has 2"),
    ],
    ids=str,
)
def test_a_finding_is_told_as_the_rule_it_breaks(kind: Any, value: Any, reason: str) -> None:
    assert flaw_for(kind, value) == Flaw("member", reason)


def test_what_is_missing_or_too_much_is_told_by_name() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")
        wanted: int

    with pytest.raises(ValidationError) as caught:
        Strict.model_validate({"other": 1})
    assert [flaw_of(one) for one in caught.value.errors()] == [
        Flaw("wanted", "is required"),
        Flaw("other", "is not a known member"),
    ]


def test_a_finding_about_the_whole_body_has_the_name_body() -> None:
    with pytest.raises(ValidationError) as caught:
        Inner.model_validate(7)
    assert flaw_of(caught.value.errors()[0]).name == "body"


def test_a_finding_that_we_have_no_words_for_is_told_in_pydantics() -> None:
    flaw = flaw_for(Annotated[float, Field(multiple_of=2)], 3)
    assert flaw.reason == "input should be a multiple of 2"
