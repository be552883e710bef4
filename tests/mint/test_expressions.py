"""Liquid in properties: what it gives, what it may not do, and where it says it is wrong."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.mint.engine.expressions import ExpressionError, evaluate

NOW = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
KNOWN: Any = {
    "Form": {"name": "Åse", "list": [1, {"x": None}]},
    "n": 3,
    "s": "s" * 1000,
    "long": "s" * 900_000,
    "longs": ["s" * 900_000],
    "now": NOW,
    "today": NOW,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("{{ Form.list }}", [1, {"x": None}]),
        ("{{ Form }}", KNOWN["Form"]),
        ("{{ n }}", 3),
        (" {{ n }}", " 3"),
        ("{{ n | times: 2 }}", 6),
        ("{{ Form.name | upcase }}!", "ÅSE!"),
        ("{{ n == 3 }}", None),
        ("{% if n > 2 %}yes{% else %}no{% endif %}", "yes"),
        ("{% if Form.none %}yes{% endif %}", ""),
        ("{{ Form.none | default: 'd' }}", "d"),
        ("{% for one in (1..3) %}{{ one }}{% endfor %}", "123"),
        ("{{ Form | json }}", '{"name": "Åse", "list": [1, {"x": null}]}'),
        ("{{ now | date: '%Y-%m-%d' }}", "2031-05-06"),
        ("{{ now }}", "2031-05-06T07:08:09Z"),
        ("{{ 'a,b' | split: ',' }}", ["a", "b"]),
    ],
)
def test_what_an_expression_gives(text: str, value: Any) -> None:
    if value is None:  # no comparison outside of tags, by the syntax of the language
        with pytest.raises(ExpressionError):
            evaluate(text, KNOWN)
    else:
        found = evaluate(text, KNOWN)
        assert (found[:19] if text == "{{ now }}" else found) == (value[:19] if text == "{{ now }}" else value)


def test_every_text_within_a_value_is_evaluated() -> None:
    assert evaluate({"a": ["{{ n }}", {"b": "x{{ n }}"}], "c": 1}, KNOWN) == {"a": [3, {"b": "x3"}], "c": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ none }}", "'none' is undefined (line 1, column 4)"),
        ("a\nbc {{ Form.none }}", "Form.none is undefined (line 2, column 7)"),
        ("{{ s.__class__ }}", "undefined"),
        ("{{ Form.list.append }}", "undefined"),
        ("{{ n | nofilter }}", "unknown filter 'nofilter' (line 1, column 8)"),
        ("{% if %}", "line 1"),
        ("{% for x in n %}", "endfor"),
        ("{{ 1 | divided_by: 0 }}", "divide by 0"),
        ("{% include 'x' %}", "x"),
        ("{% render '/etc/passwd' %}", "passwd"),
        ("{{ 'now' | date: '%Y' }}", "without quotes"),
        ("{{ n | date: '%Q%' | times: 'x' | divided_by: 0 }}", "divide"),
    ],
)
def test_an_error_names_its_place(text: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, KNOWN)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "{{ (1..1000000000000) | join: 'x' }}",
        "{{ (1..1000000000000) }}",
        "{% for i in (1..1000000000000) %}x{% endfor %}",
        "{% for i in (1..9999) %}{% for j in (1..9999) %}{% endfor %}{% endfor %}",
        "{% tablerow i in (1..1000000000) %}x{% endtablerow %}",
        "{% assign a = s %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
        "{% assign a = s %}{% for i in (1..9) %}{% assign a = a | replace: 's', a %}{% endfor %}{{ a }}",
        "{{ s | replace: '', s | replace: '', s | replace: '', s }}",
        "{% assign a = 9 %}{% for i in (1..90) %}{% assign a = a | times: a %}{% endfor %}{{ a }}",
        "{% for i in (1..9999) %}{{ s }}{% endfor %}",
        "{% if (1..99999999999999) contains 'x' %}a{% endif %}",
        "{% for i in (1..10000) %}{% assign y = long | upcase | downcase %}{% endfor %}",
        "{% for i in (1..10000) %}{% if long contains 'zz' %}{% endif %}{% endfor %}",
        "{% assign a = longs %}{% for i in (1..14) %}{% assign a = a | concat: a %}{% endfor %}{{ a | join: '' }}",
        "{% assign a = longs %}{% for i in (1..14) %}{% assign a = a | concat: a %}{% endfor %}{{ a | json }}",
        "{{" * 20_000,
        "{% raw %}" * 3000,
        "{% if a %}" * 5000,
        "{{ " + "[" * 5000 + " }}",
        "{{ " + "(" * 5000 + " }}",
        "x" * 2_000_000 + "{{ n }}",
    ],
    ids=lambda text: text[:40],
)
def test_an_expression_has_only_so_much_time_and_memory(text: str) -> None:
    begun = time.monotonic()
    with pytest.raises(ExpressionError):
        evaluate(text, KNOWN)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "text",
    [
        "{{ RANGE }}",
        "a{{ RANGE | size }}",
        "{{ n | plus: 1 | append: RANGE }}",
        "{% assign a = RANGE %}{% if a contains 'x' %}{% endif %}",
        "{% if RANGE contains 'x' %}{% endif %}",
        "{% if n == 1 %}{% elsif n == 1 or RANGE contains 'x' %}{% endif %}",
        "{% unless RANGE contains 'x' %}{% endunless %}",
        "{% case RANGE %}{% when 1 %}{% endcase %}",
        "{% case n %}{% when RANGE %}{% endcase %}",
        "{% for i in RANGE limit: 1 %}{% endfor %}",
        "{% for i in s limit: RANGE %}{% endfor %}",
        "{% tablerow i in RANGE cols: 2 %}{% endtablerow %}",
        "{% cycle RANGE, 'b' %}",
        "{% echo RANGE %}",
        "{% liquid assign a = RANGE\n echo a %}",
        "{% capture a %}{{ RANGE }}{% endcapture %}",
        "{% for i in (1..2) %}{% if false %}{% else %}{{ RANGE | join }}{% endif %}{% endfor %}",
    ],
)
@pytest.mark.parametrize("end", ["far", "9999999999999"])
def test_a_range_is_short_wherever_it_stands(text: str, end: str) -> None:
    begun = time.monotonic()
    with pytest.raises(ExpressionError, match="range"):
        evaluate(text.replace("RANGE", f"(1..{end})"), {**KNOWN, "far": 10**13})
    assert time.monotonic() - begun < 1


def test_liquid_itself_is_left_alone() -> None:
    """Tests of users run in the same process: their templates are theirs."""
    from liquid import Environment

    evaluate("{{ (1..3) | join: ' ' }}", KNOWN)
    assert Environment().from_string("{{ (1..200000) | size }}").render() == "200000"


def test_the_expressions_of_one_input_give_only_so_much_together() -> None:
    with pytest.raises(ExpressionError, match="give too much"):
        evaluate({str(index): "{{ long }}{{ n }}" for index in range(100)}, KNOWN)


def test_nesting_is_bounded() -> None:
    deep: Any = "{{ n }}"
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ExpressionError, match="nested deeper"):
        evaluate(deep, KNOWN)


@given(st.text(alphabet=st.sampled_from("{}%| .:'\"()[]n12sFormjsonifend,-"), max_size=60))
def test_any_text_gives_a_value_or_an_error(text: str) -> None:
    with suppress(ExpressionError):
        evaluate("{{" + text, KNOWN)
