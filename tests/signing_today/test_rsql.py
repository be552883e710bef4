"""`$filter` as a language: what is read, what is refused and where, and that SQL finds what a plain reader finds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, String, Table, Uuid, create_engine, insert, select

from localsign.core import database
from localsign.core.errors import BadInputError
from localsign.signing_today.rsql import (
    DEEPEST,
    LONGEST,
    MOST_COMPARISONS,
    MOST_VALUES,
    Both,
    Comparison,
    Either,
    Node,
    RsqlError,
    Value,
    compiled,
    condition,
    order,
    parse,
)
from localsign.signing_today.rsql_fields import Choice, Field, Flag, Id, Ids, Moment, Number, Text, Texts


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


METADATA = MetaData()
THING = Table(
    "thing",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("id", Uuid),
    Column("name", String),
    Column("at", database.Moment),
    Column("urgent", Integer),
    Column("size", Integer),
    Column("colour", database.State(Colour)),
    Column("tags", database.Json, nullable=False),
    Column("owners", database.Json, nullable=False),
)
FIELDS: dict[str, Field] = {
    "id": Id(THING.c.id),
    "name": Text(THING.c.name),
    "at": Moment(THING.c.at),
    "urgent": Flag(THING.c.urgent),
    "size": Number(THING.c.size),
    "colour": Choice(THING.c.colour, tuple(Colour)),
    "tags": Texts(THING.c.tags),
    "owners": Ids(THING.c.owners),
}


def shape(node: Node) -> object:
    """A tree in a form that is easy to write down."""
    if isinstance(node, Comparison):
        return (node.selector, node.operator, *(value.text for value in node.values))
    return (type(node).__name__, *map(shape, node.parts))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('name == "Milk" or surname == "Bread"', ("Either", ("name", "==", "Milk"), ("surname", "==", "Bread"))),
        ("a==1;b==2,c==3", ("Either", ("Both", ("a", "==", "1"), ("b", "==", "2")), ("c", "==", "3"))),
        ("a==1,b==2;c==3", ("Either", ("a", "==", "1"), ("Both", ("b", "==", "2"), ("c", "==", "3")))),
        ("(a==1,b==2);c==3", ("Both", ("Either", ("a", "==", "1"), ("b", "==", "2")), ("c", "==", "3"))),
        ("a==1 and b==2 or c==3", ("Either", ("Both", ("a", "==", "1"), ("b", "==", "2")), ("c", "==", "3"))),
        ("a=in=(x,'y z',\"q\")", ("a", "=in=", "x", "y z", "q")),
        ("a=out=x", ("a", "=out=", "x")),
        ("a=lt=1;b=ge=2;c<=3;d>4", ("Both", ("a", "<", "1"), ("b", ">=", "2"), ("c", "<=", "3"), ("d", ">", "4"))),
        (r"a=='it\'s \\ \x'", ("a", "==", r"it's \ x")),
        ("\ta  ==\t*b* ", ("a", "==", "*b*")),
        ("or==and or and==or", ("Either", ("or", "==", "and"), ("and", "==", "or"))),
        ("((((a!=b))))", ("a", "!=", "b")),
        ("a=='x or y'", ("a", "==", "x or y")),
        ("updatedAt>2026-01-31T12:00:00+01:00", ("updatedAt", ">", "2026-01-31T12:00:00+01:00")),
    ],
)
def test_an_expression_is_read(text: str, tree: object) -> None:
    assert shape(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("a == ", 6, "a value is expected, not the end"),
        ("", 1, "the name of a field is expected, not the end"),
        ("a", 2, "an operator is expected"),
        ("a=b", 2, "'=' is not expected here"),
        ("a=like=b", 2, "'=like=' is not one of == != <"),
        ("a==b c==d", 6, "'c' is not expected here"),
        ("a==b OR c==d", 6, "'OR' is not expected here"),
        ("a==b;", 6, "the name of a field is expected"),
        (",a==b", 1, "the name of a field is expected, not ','"),
        ("(a==b", 6, "')' is expected, not the end"),
        ("a==b)", 5, "')' is not expected here"),
        ("a=in=(b", 8, "')' is expected"),
        ("a=in=()", 7, "a value is expected"),
        ("a=='b", 4, "the quotation has no end"),
        ("a==~b", 4, "'~' is not expected here"),
        ('a=="b"or c==d', 7, "'or' needs a blank before and behind it"),
        ("a==b or(c==d)", 6, "'or' needs a blank before and behind it"),
        ("a==\x00", 4, "this character is not allowed"),
        ("a==\ud800", 4, "this character is not allowed"),
        ("a==b\nor c==d", 9, "'c' is not expected here"),
        ("(" * (DEEPEST + 1), DEEPEST + 1, f"more than {DEEPEST} parentheses"),
        (";".join(["a==b"] * (MOST_COMPARISONS + 1)), 5 * MOST_COMPARISONS + 1, "comparisons"),
        (f"a=in=({','.join('b' * (MOST_VALUES + 1))})", 6, "values"),
        ("a" * (LONGEST + 1), LONGEST + 1, "longer than"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_position(text: str, position: int, reason: str) -> None:
    with pytest.raises(RsqlError) as refused:
        parse(text)
    assert str(refused.value).startswith(f"character {position}: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nothing==1", "character 1: 'nothing' is not one of id, name, at"),
        ("name==x;id<00000000-0000-0000-0000-000000000001", "character 9: 'id' can be compared by == != =in= =out="),
        ("id==7", "character 5: '7' is not a UUID"),
        ("at>yesterday", "character 4: 'yesterday' is not a date-time"),
        ("at>0001-01-01T00:00:00+14:00", "character 4: "),
        ("urgent==1", "character 9: '1' is neither true nor false"),
        ("urgent>true", "'urgent' can be compared by == != only"),
        ("size==9223372036854775808", "character 7: "),
        ("size==1_0", "is not a whole number"),
        ("colour==green", "'green' is not one of red, blue"),
        ("colour=in=(red,green)", "character 16: 'green'"),
        ("owners==me", "'me' is not a UUID"),
        ("name.first==x", "'name.first' is not one of"),
        ("name==", "character 7: a value is expected"),
    ],
)
def test_what_does_not_fit_the_fields_is_refused_as_bad_input(text: str, reason: str) -> None:
    with pytest.raises(BadInputError) as refused:
        condition(text, FIELDS)
    [flaw] = refused.value.flaws
    assert flaw.name == "$filter"
    assert reason in flaw.reason


@pytest.mark.parametrize("text", [None, "", " \t", "$filter=", "$filter= "])
def test_no_filter_is_no_condition(text: str | None) -> None:
    assert condition(text, FIELDS) is None


def test_the_name_of_the_parameter_may_stand_in_its_value() -> None:
    assert str(condition("$filter=name==x", FIELDS)) == str(condition("name==x", FIELDS))
    assert [str(one) for one in order("$orderBy=name,desc", FIELDS)] == ["thing.name DESC"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        (None, []),
        ("", []),
        ("name", ["thing.name ASC"]),
        ("name,desc", ["thing.name DESC"]),
        ("name,DESC,size,asc,at", ["thing.name DESC", "thing.size ASC", "thing.at ASC"]),
    ],
)
def test_an_order_is_read(text: str | None, terms: list[str]) -> None:
    assert [str(one) for one in order(text, FIELDS)] == terms


@pytest.mark.parametrize(
    ("text", "character"),
    [
        ("nothing", 1),
        (" nothing", 2),
        ("id", 1),
        ("tags", 1),
        ("name,down", 6),
        ("desc", 1),
        ("name,,size", 6),
        ("$orderBy=name,desc, siz", 12),
        ("name,desc,size,name", 16),
    ],
)
def test_an_order_that_is_none_is_refused_with_its_position(text: str, character: int) -> None:
    with pytest.raises(BadInputError) as refused:
        order(text, FIELDS)
    [flaw] = refused.value.flaws
    assert flaw.name == "$orderBy"
    assert flaw.reason.startswith(f"character {character}: ")


# ---- SQL against a plain reader

WORDS = st.text(alphabet="aAb*%_'\\\" é", max_size=4)
IDS = st.sampled_from([UUID(int=number) for number in range(3)])
MOMENTS = st.integers(-2, 2).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days))
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": IDS,
            "name": st.none() | WORDS,
            "at": st.none() | MOMENTS,
            "urgent": st.booleans(),
            "size": st.none() | st.integers(-2, 2),
            "colour": st.sampled_from(Colour),
            "tags": st.lists(WORDS, max_size=3),
            "owners": st.lists(IDS.map(str), max_size=2),
        }
    ),
    max_size=6,
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


ARGUMENTS = {
    "id": IDS.map(str),
    "name": WORDS.map(quoted) | st.just("null"),
    "at": MOMENTS.map(lambda at: at.isoformat()) | st.just("null"),
    "urgent": st.sampled_from(["true", "False"]),
    "size": st.integers(-2, 2).map(str) | st.just("null"),
    "colour": st.sampled_from(["red", "'blue'"]),
    "tags": WORDS.map(quoted),
    "owners": IDS.map(str),
}


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(sorted(FIELDS)))
    operator = draw(st.sampled_from(FIELDS[name].operators))
    if operator in ("=in=", "=out="):
        return f"{name}{operator}({','.join(draw(st.lists(ARGUMENTS[name], min_size=1, max_size=3)))})"
    return f"{name}{operator}{draw(ARGUMENTS[name])}"


EXPRESSIONS = st.recursive(
    comparisons(),
    lambda inner: st.tuples(inner, st.sampled_from([";", ",", " and ", " or "]), inner).map(
        lambda t: f"({''.join(t)})"
    ),
    max_leaves=6,
)

PLAIN: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def holds(node: Node, row: dict[str, Any]) -> bool:
    """What the expression means, told without SQL."""
    if isinstance(node, Both):
        return all(holds(part, row) for part in node.parts)
    if isinstance(node, Either):
        return any(holds(part, row) for part in node.parts)
    field, found = FIELDS[node.selector], row[node.selector]
    wanted = [None if value.is_null else field.read(value.text) for value in node.values]
    if isinstance(field, Texts):
        return bool(set(wanted) & set(found)) == (node.operator in ("==", "=in="))
    if node.operator in ("=in=", "=out="):
        return (found in wanted) if node.operator == "=in=" else (found is not None and found not in wanted)
    return compares(field, node.operator, found, wanted[0])


def compares(field: Field, operator: str, found: Any, value: Any) -> bool:
    if value is None:
        return {"==": found is None, "!=": found is not None}.get(operator, False)
    if found is None:
        return False
    if operator in ("==", "!="):
        is_equal = alike(found, value) if isinstance(field, Text) else found == value
        return bool(is_equal) == (operator == "==")
    return PLAIN[operator](found, value)


def alike(text: str, pattern: str) -> bool:
    opens, closes = pattern.startswith("*"), pattern.endswith("*")
    if pattern in ("*", "**"):
        return True
    if opens and closes:
        return pattern[1:-1] in text
    if closes:
        return text.startswith(pattern[:-1])
    return text.endswith(pattern[1:]) if opens else text == pattern


ENGINE = create_engine("sqlite://")


@settings(max_examples=300, deadline=None)
@given(ROWS, EXPRESSIONS)
def test_sql_finds_what_a_plain_reader_finds(rows: list[dict[str, Any]], text: str) -> None:
    tree = parse(text)
    with ENGINE.connect() as connection:
        METADATA.create_all(connection)
        if rows:
            connection.execute(insert(THING), [{"seq": number, **row} for number, row in enumerate(rows)])
        found = connection.execute(select(THING.c.seq).where(compiled(tree, FIELDS)).order_by(THING.c.seq)).scalars()
        assert list(found) == [number for number, row in enumerate(rows) if holds(tree, row)]
        connection.rollback()
        METADATA.drop_all(connection)
        connection.commit()


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="ab()=!<>;,'\"\\ \t*orand~\n", max_size=40) | st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_position_inside_it(text: str) -> None:
    try:
        parse(text)
        position = 0
    except RsqlError as refused:
        position = refused.position
    assert 0 <= position <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "name=='x\\' OR 1=1 --'",
        'name=="; DROP TABLE thing; --"',
        "name==x);DELETE/**/FROM/**/thing",
        "name=in=(\"1') OR ('1'=='1\")",
    ],
)
def test_a_value_never_becomes_sql(text: str) -> None:
    try:
        expression = condition(text, FIELDS)
    except BadInputError:
        return
    assert expression is not None
    sql = str(expression)
    assert "DROP" not in sql
    assert "1=1" not in sql
    assert "'" not in sql


def test_a_value_knows_whether_it_stands_for_absence() -> None:
    assert Value("null", 0).is_null
    assert not Value("null", 0, is_quoted=True).is_null


def test_the_largest_expression_runs() -> None:
    widest = "(" * DEEPEST + ",".join(["name==*x*"] * MOST_COMPARISONS) + ")" * DEEPEST
    longest = f"size=in=({','.join(['1'] * MOST_VALUES)})"
    with ENGINE.connect() as connection:
        METADATA.create_all(connection)
        for text in (widest, longest):
            assert connection.execute(select(THING.c.seq).where(compiled(parse(text), FIELDS))).all() == []
        METADATA.drop_all(connection)
        connection.commit()
