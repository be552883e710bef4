"""Types of members that the wire shapes of several APIs share."""

from typing import Annotated

from pydantic import AfterValidator, StrictStr


def encodable(text: str) -> str:
    """`text`, which must be one: JSON can spell half of a surrogate pair, which nothing can store or answer."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has a character that is no text")
    return text


# A string without another bound. Pydantic looks at the characters of those that have one.
Text = Annotated[StrictStr, AfterValidator(encodable)]
