"""What tests read out of the artefacts of signing: XAdES evidence, signatures of a PDF, files in a PDF."""

import io
import tempfile
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from signxml.xades.xades import XAdESVerifier
from tests.core.poppler import judged

from localsign.core.sealing.authority import Authority
from localsign.core.sealing.xml import NAMESPACE


class Evidence:
    """A XAdES document that was verified against the root of `authority`."""

    def __init__(self, authority: Authority, document: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "root.pem")
            root.write_bytes(authority.certificate_pem)
            verified = XAdESVerifier().verify(document, ca_pem_file=str(root), expect_references=3)
        self._element: Any = verified[0].signed_xml

    def __getitem__(self, path: str) -> str | None:
        """The text of the element at `path`, such as `signer/name`; None where there is none."""
        found: str | None = self._element.findtext("/".join(f"{{{NAMESPACE}}}{one}" for one in path.split("/")))
        return found


def signers(authority: Authority, pdf: bytes) -> list[str]:
    """The common names of the signers of a PDF, each of whose signatures must be sound and trusted."""
    verdicts = judged(authority, pdf)
    assert all(one.bottom_line and one.intact and one.trusted for one in verdicts)
    return [str(one.signing_cert.subject.native["common_name"]) for one in verdicts]


def serial_numbers(pdf: bytes) -> list[str | None]:
    """The national identification numbers in the signers' certificates."""
    reader = PdfFileReader(io.BytesIO(pdf))
    return [one.signer_cert.subject.native.get("serial_number") for one in reader.embedded_signatures]


def stamps(pdf: bytes) -> list[list[float]]:
    """Where the visible stamps of the signatures stand: left, bottom, right, top."""
    reader = PdfFileReader(io.BytesIO(pdf))
    return [[float(edge) for edge in one.sig_field["/Rect"]] for one in reader.embedded_signatures]


def files_in(pdf: bytes) -> dict[str, bytes]:
    """The embedded files of a PDF by name."""
    tree = PdfFileReader(io.BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
    files = [tree[place].get_object() for place in range(1, len(tree), 2)]
    return {str(one["/UF"]): bytes(one["/EF"]["/F"].get_object().data) for one in files}
