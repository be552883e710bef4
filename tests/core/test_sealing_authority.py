"""The test certificate authority: kept, shared by processes, issuing what validators accept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509

from localsign.core.sealing.authority import FILE_NAME, Authority, AuthorityFileError


def test_the_authority_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "keys"
    first = Authority.open(folder)
    again = Authority.open(folder)
    assert again.certificate_pem == first.certificate_pem
    assert again.dump() == first.dump()
    assert again.signer("Łukasz", "1").certificate == first.signer("Łukasz", "1").certificate
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]
    if os.name == "posix":
        assert (folder / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_processes_that_race_get_one_authority(tmp_path: Path) -> None:
    code = (
        "import sys, hashlib; from pathlib import Path;"
        "from localsign.core.sealing.authority import Authority; sys.stdin.readline();"
        "print(hashlib.sha256(Authority.open(Path(sys.argv[1])).dump()).hexdigest())"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "keys")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = {racer.communicate(timeout=60)[0] for racer in racers}
    assert answers == {hashlib.sha256(Authority.open(tmp_path / "keys").dump()).hexdigest() + "\n"}


def test_a_damaged_authority_is_named(tmp_path: Path) -> None:
    Authority.open(tmp_path)
    file = tmp_path / FILE_NAME
    whole = file.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole.replace(b"M", b"x")):
        file.write_bytes(damaged)
        with pytest.raises(AuthorityFileError, match=FILE_NAME):
            Authority.open(tmp_path)


def test_two_authorities_in_memory_are_strangers() -> None:
    assert Authority.open(None).certificate_pem != Authority.open(None).certificate_pem


def test_certificates_say_who_and_that_they_are_worthless() -> None:
    authority = Authority.open(None)
    certificate = authority.signer("Kari", "010190").certificate
    assert certificate.subject.rfc4514_string() == ("2.5.4.5=010190,CN=Kari,O=localsign test\\, no legal value")
    assert certificate.serial_number != authority.signer("Kari").certificate.serial_number
    certificate.verify_directly_issued_by(authority.root.certificate)
    usage = authority.tsa.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical


def test_names_that_are_cut_alike_stay_apart() -> None:
    authority = Authority.open(None)
    one, two = (authority.signer("x" * 64 + tail).certificate for tail in ("a", "b"))
    assert one.subject == two.subject
    assert one.serial_number != two.serial_number


def test_the_signer_cache_is_bounded() -> None:
    authority = Authority.open(None)
    first = authority.signer("0").certificate
    for number in range(600):
        authority.signer(str(number))
    assert len(authority._issued) <= 512
    assert authority.signer("0").certificate == first
