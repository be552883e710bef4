"""What poppler's pdfsig and pdfdetach, and pyHanko, say about a PDF. Skips where poppler is not installed."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore

from localsign.core.sealing.authority import Authority


@dataclass(frozen=True)
class Verdict:
    """What pdfsig says about one signature."""

    field: str
    signer: str
    is_valid: bool
    is_trusted: bool
    is_total: bool


def nss_folder(authority: Authority, folder: Path) -> Path:
    """A certificate store that trusts the authority; for `pdfsig`."""
    if shutil.which("certutil") is None or shutil.which("pdfsig") is None:
        pytest.skip("pdfsig and certutil are not installed")
    store, root = folder / "nss", folder / "root.pem"
    store.mkdir()
    root.write_bytes(authority.certificate_pem)
    name = f"sql:{store}"
    for command in (
        ["certutil", "-N", "-d", name, "--empty-password"],
        ["certutil", "-A", "-d", name, "-n", "root", "-t", "CT,CT,CT", "-i", str(root)],
    ):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    return store


def pdfsig(store: Path, pdf: bytes, scratch: Path) -> list[Verdict]:
    """Every signature of the PDF, in the order of its fields."""
    file = scratch / "checked.pdf"
    file.write_bytes(pdf)
    command = ["pdfsig", "-nssdir", f"sql:{store}", str(file)]
    # pdfsig exits with 1 for a document with a bad signature: what it prints is what counts.
    out = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    return [_verdict(part) for part in re.split(r"^Signature #\d+:$", out, flags=re.MULTILINE)[1:]]


def attached(pdf: bytes, scratch: Path) -> list[str]:
    """The names of the embedded files, as pdfdetach lists them."""
    if shutil.which("pdfdetach") is None:
        pytest.skip("pdfdetach is not installed")
    file = scratch / "attached.pdf"
    file.write_bytes(pdf)
    command = ["pdfdetach", "-list", str(file)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.findall(r"^\d+: (.*)$", out, re.MULTILINE)


def judged(authority: Authority, pdf: bytes) -> list[Any]:
    """What `judge` finds, in a thread: it runs an event loop, and a browser test may run one in this one."""
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(judge, authority, pdf).result()


def judge(authority: Authority, pdf: bytes) -> list[Any]:
    """pyHanko's status of every signature, with nothing but the root and what the PDF itself brings.

    Revocation is checked hard: it must be answered by the list inside the PDF.
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    root = x509.Certificate.load(pem.unarmor(authority.certificate_pem)[2])
    settings = {"trust_roots": [root], "allow_fetching": False, "revocation_mode": "hard-fail"}
    return [
        validate_pdf_signature(signature, DocumentSecurityStore.read_dss(reader).as_validation_context(settings))
        for signature in reader.embedded_signatures
    ]


def _verdict(text: str) -> Verdict:
    facts = dict(re.findall(r"^\s+- ([^:\n]+): (.*)$", text, re.MULTILINE))
    return Verdict(
        field=facts.get("Signature Field Name", ""),
        signer=facts.get("Signer Certificate Common Name", ""),
        is_valid=facts.get("Signature Validation") == "Signature is Valid.",
        is_trusted=facts.get("Certificate Validation") == "Certificate is Trusted.",
        is_total="- Total document signed" in text,
    )
