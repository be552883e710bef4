"""Types of members that the wire shapes of several APIs share."""

import re
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StrictStr,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from localsign.core.clock import parse_instant, show


def encodable(text: str) -> str:
    """`text`, which must be one: JSON can spell half of a surrogate pair, which nothing can store or answer."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has a character that is no text")
    return text


# A string without another bound. Pydantic looks at the characters of those that have one.
Text = Annotated[StrictStr, AfterValidator(encodable)]


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("must be a string")
    # A plus sign that a client did not escape in a query arrives as a space.
    return parse_instant(re.sub(r" (\d\d:\d\d)$", r"+\1", value))


# RFC 3339, with an offset.
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    PlainSerializer(show),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class Camel(BaseModel):
    """camelCase on the wire, and only that is taken from clients; code may use the names that members have in it."""

    model_config = ConfigDict(alias_generator=to_camel)

    def __init__(self, /, **members: Any) -> None:
        self.__pydantic_validator__.validate_python(members, self_instance=self, by_alias=True, by_name=True)

    @classmethod
    def showing(cls, given: Any) -> Self:
        """What is answered, from members or attributes by either of their names."""
        return cls.model_validate(given, from_attributes=True, by_alias=True, by_name=True)

    # As SQLModel does: without this, pydantic would go through `__init__` for what clients send as well.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class Asked(BaseModel):
    """The base of what is sent: a member that is not known is refused."""

    model_config = ConfigDict(extra="forbid")
