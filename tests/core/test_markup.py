"""YAML and JSON from people: plain words stay words, what is dangerous or ambiguous is refused, lines are known."""

import json
from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from localsign.core import markup
from localsign.core.markup import MarkupError


def value(text: str) -> Any:
    return markup.read(text.encode(), is_json=False).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: no", {"a": "no"}), ("a: yes", {"a": "yes"}), ("a: on", {"a": "on"}), ("a: NO", {"a": "NO"}),
        ("a: true", {"a": True}), ("a: false", {"a": False}), ("a: True", {"a": "True"}),
        ("a: 2030-01-01T00:00:00Z", {"a": "2030-01-01T00:00:00Z"}), ("a: 2030-01-01", {"a": "2030-01-01"}),
        ("a: 12:30", {"a": "12:30"}), ("a: 0x1F", {"a": "0x1F"}), ("a: 017", {"a": 17}), ("a: 5", {"a": 5}),
        ("a: -5", {"a": -5}), ("a: 1.5", {"a": 1.5}), ("a: 1e3", {"a": 1000.0}), ("a: 1_000", {"a": "1_000"}),
        ("a: .inf", {"a": ".inf"}), ("a:", {"a": None}), ("a: ~", {"a": None}), ("a: null", {"a": None}),
        ("a: '5'", {"a": "5"}), ("a: !!str 5", {"a": "5"}), ("a: 99999999999999999999", {"a": "99999999999999999999"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}), ("<<: x", {"<<": "x"}), ("", None), ("# nothing", None),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}), ("{a: [1, {b: c}]}", {"a": [1, {"b": "c"}]}),
        ("\ufeffa: 1", {"a": 1}), ("a: æøå", {"a": "æøå"}),
    ],
)  # fmt: skip
def test_plain_words_are_read_as_people_mean_them(text: str, expected: Any) -> None:
    assert value(text) == expected


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: !!python/object/apply:os.system [ls]", "tags are not allowed"),
        (b"a: !!binary aGk=", "tags are not allowed"),
        (b"a: !!set {x}", "tags are not allowed"),
        (b"a: !own x", "tags are not allowed"),
        (b"a: !!int x", "tags are not allowed"),
        (b"a: !!timestamp 2030-01-01", "tags are not allowed"),
        (BOMB.encode(), "aliases followed"),
        (b"a: &a [*a]", "nested too deep"),
        (b"[" * 5000, "nested too deep"),
        (b"[" * 70 + b"]" * 70, "nested too deep"),
        (b"a: 1\na: 2", "line 2: has the member 'a' twice"),
        (b"5: x", "put it in quotes"),
        (b"true: x", "put it in quotes"),
        (b"? [a]\n: x", "a name that is no text"),
        (b"a: [", "is not YAML"),
        (b"a: *b", "is not YAML"),
        (b"a: 1\n---\nb: 2", "is not YAML"),
        (b"a\tb: \x00", "is not YAML"),
        (b"a: '\\ud800'\nb: \"\\ud800\"", "no text"),
        (b"a: 1e999", "too large"),
        (b"\xff", "is not UTF-8"),
        (b"x" * (markup.MOST_YAML + 1), "JSON may have more"),
        (b"%TAG ! tag:x,2000:\n---\na: !foo b", "tags are not allowed"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_is_dangerous_or_ambiguous_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(MarkupError, match=words.replace("(", r"\(")):
        markup.read(content, is_json=False)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1"), (b"{\n'a': 1}", "line 2"), (b'{"a": 1, "a": 2}', "'a' twice"),
        (b'{"a": NaN}', "NaN"), (b"1e999", "too large"),
        (b'{"a": "\\ud800"}', "no text"), (b'{"a\\u0000": 1}', "no text"), (b"[" * 100_000, "deep"),
        (b"[" * 70 + b"]" * 70, "deep"), (b"9" * 10_000, "too long"), (b"\xff", "UTF-8"),
    ],
    ids=lambda one: str(one)[:40],
)  # fmt: skip
def test_json_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(MarkupError, match=words):
        markup.read(content, is_json=True)


def test_every_member_has_its_line() -> None:
    found = markup.read(b"a:\n  - b: 1\n    c:\n      d: 2\ne: 3\n", is_json=False)
    lines = {"a": 1, "a[0]": 2, "a[0].b": 2, "a[0].c": 3, "a[0].c.d": 4, "e": 5}
    assert {path: found.lines[path] for path in lines} == lines
    assert found.line_of("a[0].c.x") == 3
    assert found.line_of("a[0].c.x[5].y") == 3
    assert found.line_of("unknown") == 1
    assert markup.read(b'{"a": 1}', is_json=True).line_of("a") is None


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
scalars = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | text
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=10
)


@given(document=documents)
def test_what_was_written_is_read_again(document: Any) -> None:
    assert markup.read(json.dumps(document).encode(), is_json=True).value == document
    written = yaml.safe_dump(document, allow_unicode=True, default_style='"')
    if "!!" not in written:  # numbers and the like get a tag in this style
        assert markup.read(written.encode(), is_json=False).value == document


@given(content=st.binary(max_size=60) | st.text(max_size=40).map(lambda one: one.encode("utf-8", "replace")))
def test_anything_is_read_or_refused(content: bytes) -> None:
    for is_json in (True, False):
        with suppress(MarkupError):
            markup.read(content, is_json=is_json)
