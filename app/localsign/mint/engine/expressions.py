"""Liquid in the properties of steps: `{{ Form.email }}`, `{% if approved %}…{% endif %}`.

An expression sees what it is given and nothing else: no files, no clock, no attributes of objects. Time and memory
are bounded. A property that is one `{{ … }}` and nothing else gives the value itself, such as a list; any other text
gives text.
"""

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import cache, lru_cache, wraps
from math import isfinite
from typing import TYPE_CHECKING, Any

from localsign.core.clock import show

if TYPE_CHECKING:
    from liquid import BoundTemplate, Environment, RenderContext
    from liquid.builtin.expressions.primitive import RangeLiteral
    from liquid.expression import Expression

MOST_TURNS = 10_000  # of all loops of one expression
MOST_CHARACTERS = 1_000_000  # that one expression gives, or was written with
MOST_ITEMS = 100_000
MOST_BITS = 4096  # of a whole number
MOST_GIVEN = 16_000_000  # characters that all expressions of one input give together
MOST_HANDLED = 100_000_000  # characters and items that one expression looks at: its measure of time
_LONGEST_KEPT = 20_000  # characters of a template that is kept parsed
DEEPEST = 40
_COUNTED = {"replace", "join"}  # filters whose result can be longer than all they are given together


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated; the text says where and why."""


def evaluate(value: Any, known: Mapping[str, Any]) -> Any:
    """`value` with every expression in it replaced by what it gives. `known` maps the names that it may use."""
    return _evaluated(value, known, _Budget(MOST_GIVEN), 0)


def _evaluated(value: Any, known: Mapping[str, Any], left: "_Budget", depth: int) -> Any:
    if isinstance(value, str):
        if "{{" not in value and "{%" not in value:
            return value
        given = render(value, known)
        left.take(weight_of(given, MOST_GIVEN), "The expressions of one input give too much")
        return given
    if depth > DEEPEST:
        raise ExpressionError(f"The properties are nested deeper than {DEEPEST} levels.")
    if isinstance(value, dict):
        return {name: _evaluated(one, known, left, depth + 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_evaluated(one, known, left, depth + 1) for one in value]
    return value


class _Budget:
    """How much may still be handled."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, amount: int, reason: str) -> None:
        self._left -= amount
        if self._left < 0:
            raise ExpressionError(f"{reason}.")


def weight_of(value: Any, most: int) -> int:
    """Roughly how many characters `value` would be written with; it stops counting a little beyond `most`."""
    weight, left = 0, [value]
    while left and weight <= most:
        one = left.pop()
        if isinstance(one, str | bytes):
            weight += len(one)
        elif isinstance(one, Mapping):
            weight += len(one)
            left += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            weight += len(one)
            left += one
        elif isinstance(one, range):
            weight += 2 * len(one)
        else:
            weight += 1
    return weight


def render(text: str, known: Mapping[str, Any]) -> Any:
    """What the Liquid `text` gives."""
    from liquid.builtin.output import OutputNode
    from liquid.exceptions import LiquidError

    _check_readable(text)
    budget = _HANDLED.set(_Budget(MOST_HANDLED))
    try:
        template = _template(text) if len(text) <= _LONGEST_KEPT else _parsed(text)
        context = _context_type()(template, globals=known)
        if len(template.nodes) == 1 and isinstance(template.nodes[0], OutputNode):
            return _plain(template.nodes[0].expression.evaluate(context))
        buffer = context.get_buffer()
        template.render_with_context(context, buffer)
        return buffer.getvalue()
    except LiquidError as error:
        raise ExpressionError(_described(text, error)) from None
    except (RecursionError, ValueError, TypeError, ArithmeticError, AttributeError) as error:
        raise ExpressionError(f"{_quoted(text)} cannot be evaluated: {error}") from None
    finally:
        _HANDLED.reset(budget)


_HANDLED: ContextVar[_Budget] = ContextVar("handled")


def _handle(*values: Any) -> None:
    """Count what is looked at against the time of the expression."""
    for one in values:
        if isinstance(one, str | list | tuple):
            _HANDLED.get().take(len(one), "The expression looks at too much: it would take too long")


@cache
def _context_type() -> "type[RenderContext]":
    from liquid import RenderContext

    class Counting(RenderContext):
        """Every value that a name gives is counted, as a comparison may read all of it."""

        def get(self, *arguments: Any, **more: Any) -> Any:
            found = super().get(*arguments, **more)
            _handle(found)
            return found

    return Counting


def _check_readable(text: str) -> None:
    """Refuse what the parser would take very long to refuse."""
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(f"The expression is longer than {MOST_CHARACTERS} characters.")
    if text.count("{{") > text.count("}}") + 10:
        raise ExpressionError(f"{_quoted(text)}: there are more {{{{ than }}}}.")
    if text.count("raw") > 500:
        raise ExpressionError(f"{_quoted(text)}: there are more than 500 raw blocks.")


@lru_cache(2000)
def _template(text: str) -> "BoundTemplate":
    return _parsed(text)


def _parsed(text: str) -> "BoundTemplate":
    template = _environment().from_string(text)
    _bound_ranges(template)
    return template


@cache
def _environment() -> "Environment":
    from liquid import Environment
    from liquid.undefined import FalsyStrictUndefined

    class Missing(FalsyStrictUndefined):
        """A name that is not known: it can be tested and given a default, and not used."""

        force_liquid_default = True
        allowed_properties = FalsyStrictUndefined.allowed_properties | {"force_liquid_default"}

    class Bounded(Environment):
        loop_iteration_limit = MOST_TURNS
        output_stream_limit = MOST_CHARACTERS
        local_namespace_limit = 4 * MOST_CHARACTERS
        context_depth_limit = 10
        block_nesting_limit = DEEPEST

    environment = Bounded(undefined=Missing)
    environment.add_filter("json", lambda value: json.dumps(_plain(value), ensure_ascii=False))
    environment.filters["date"] = _dated(environment.filters["date"])
    for name, function in list(environment.filters.items()):
        environment.filters[name] = _bounded(name, function)
    return environment


def _bound_ranges(template: "BoundTemplate") -> None:
    """Let no range of a template be long: `contains` looks through one item by item, and gives way to nobody."""
    from liquid import RenderContext
    from liquid.builtin.expressions.primitive import RangeLiteral

    context, nodes = RenderContext(template), list(template.nodes)
    while nodes:
        node = nodes.pop()
        nodes += node.children(context, include_partials=False)
        expressions = list(node.expressions())
        while expressions:
            found = expressions.pop()
            expressions += found.children()
            if isinstance(found, RangeLiteral):
                found.stop = _short_type()(found)


@cache
def _short_type() -> "Callable[[RangeLiteral], Expression]":
    from liquid.expression import Expression

    class Short(Expression):
        """The end of a range that is not far from its beginning."""

        def __init__(self, of: "RangeLiteral") -> None:
            super().__init__(of.token)
            self.start, self.stop = of.start, of.stop

        def __str__(self) -> str:
            return str(self.stop)

        def evaluate(self, context: "RenderContext") -> object:
            first, last = self.start.evaluate(context), self.stop.evaluate(context)
            if _whole(last) - _whole(first) > MOST_ITEMS:
                raise ValueError(f"the range has more than {MOST_ITEMS} items")
            return last

        def children(self) -> list[Expression]:
            return [self.stop]

    return Short


def _whole(value: Any) -> int:
    """As Liquid takes the ends of a range."""
    from liquid.limits import to_int

    try:
        return to_int(value)
    except (ValueError, TypeError):
        return 0


def _dated(function: Callable[..., Any]) -> Callable[..., Any]:
    """`date` without the machine's clock: the words now and today are names here, not texts."""

    @wraps(function)
    def date(value: Any, *arguments: Any, **more: Any) -> Any:
        from liquid.exceptions import FilterArgumentError

        if value in ("now", "today"):
            raise FilterArgumentError("use the name now, without quotes, for the time of the workspace", token=None)
        return function(value, *arguments, **more)

    return date


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that refuses what would take more time or memory than an expression may have."""

    @wraps(function)
    def bounded(value: Any, *arguments: Any, **more: Any) -> Any:
        from liquid.exceptions import FilterArgumentError

        def check(one: Any) -> None:
            if isinstance(one, int) and one.bit_length() > MOST_BITS:
                raise FilterArgumentError(f"{name}: the number is too large", token=None)
            if isinstance(one, str | bytes) and len(one) > MOST_CHARACTERS:
                raise FilterArgumentError(f"{name}: the text is too long", token=None)
            if isinstance(one, list | range | dict | tuple):
                if len(one) > MOST_ITEMS:
                    raise FilterArgumentError(f"{name}: the list is too long", token=None)
                weight = weight_of(one, 4 * MOST_CHARACTERS)
                _HANDLED.get().take(weight, "The expression looks at too much: it would take too long")
                if weight > 4 * MOST_CHARACTERS:  # the same long text may be in it many times
                    raise FilterArgumentError(f"{name}: the list holds too much", token=None)
            else:
                _handle(one)

        for one in (value, *arguments):
            check(one)
        if name.partition("_")[0] in _COUNTED and arguments:
            size = (len(value) + 1) * len(str(arguments[-1])) if isinstance(value, str | list | range | tuple) else 0
            if size > 4 * MOST_CHARACTERS:
                raise FilterArgumentError(f"{name}: the result would be too long", token=None)
        result = function(value, *arguments, **more)
        check(result)
        return result

    return bounded


def _plain(value: Any, depth: int = 0) -> Any:
    """`value` as JSON data; what JSON cannot hold becomes text."""
    from liquid import Undefined

    if depth > DEEPEST:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels")
    if isinstance(value, Undefined):
        return str(value)  # raises, as it is a strict one
    if isinstance(value, Mapping):
        return {str(name): _plain(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple | range):
        if len(value) > MOST_ITEMS:
            raise ValueError("the list is too long")
        return [_plain(one, depth + 1) for one in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    return show(value) if isinstance(value, datetime) else str(value)


def _described(text: str, error: Any) -> str:
    token = getattr(error, "token", None)
    reason = str(error.args[0]) if error.args else type(error).__name__
    start = getattr(token, "start_index", -1)
    if not isinstance(start, int) or start < 0:
        return f"{_quoted(text)}: {reason} (line {text.count(chr(10)) + 1})"
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    return f"{_quoted(text)}: {reason} (line {line}, column {column})"


def _quoted(text: str) -> str:
    return f"'{text if len(text) <= 80 else text[:77] + '…'}'"
