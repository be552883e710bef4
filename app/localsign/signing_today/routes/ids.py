"""Ids in paths. What is no id at all is the id of nothing: 404, as most of these calls list no 400 (inferred)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BeforeValidator

from localsign.core.errors import NotFoundError
from localsign.signing_today.schemas.parts import LARGEST_INT32


def _uuid(value: Any) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise NotFoundError(f"Nothing has the id '{value}'.") from None


def _number(largest: int) -> BeforeValidator:
    def read(value: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= largest):
            raise NotFoundError(f"Nothing has the number '{value}'.")
        return int(text)

    return BeforeValidator(read)


Id = Annotated[UUID, BeforeValidator(_uuid), Path(alias="id")]
IdentityId = Annotated[UUID, BeforeValidator(_uuid), Path(alias="identityId")]
DocumentId = Annotated[int, _number(LARGEST_INT32), Path(alias="docId")]
RequestId = Annotated[int, _number(LARGEST_INT32), Path(alias="signId")]
NoteId = Annotated[int, _number(2**63 - 1), Path(alias="noteId")]
