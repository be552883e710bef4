"""Bytes that stand in for documents, which a recording does not hold."""

from localsign.recording.steps import Document

PDF = "application/pdf"
PLAIN = "text/plain"
_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # a PNG


def bytes_of(document: Document, number: int, is_refused: bool) -> str:
    """The source of an expression that gives the bytes; the `number` keeps two documents apart.

    Of a document that was refused nothing good is sent instead.
    """
    if document.sample is not None:
        return f'(DOCUMENTS / "{document.sample}").read_bytes()'
    if is_refused:
        return f"b'refused {number}'.ljust({document.size}, b'.')"
    if document.media_type == PDF:
        return f"(DOCUMENTS / \"agreement.pdf\").read_bytes() + b'% {number}'"
    if document.media_type == "image/png":
        return f'base64.b64decode("{_PIXEL}")'
    if document.media_type.endswith("xml"):
        return f"b'<document number=\"{number}\"/>'.ljust({document.size})"
    return f"b'document {number}'.ljust({document.size}, b'.')"
