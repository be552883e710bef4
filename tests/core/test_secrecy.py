"""What counts as a secret, and that hiding one hides it everywhere."""

import hashlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.core.journal import MOST_OF_A_BODY, Body
from localsign.core.secrecy import REDACTED, Links, Redactor, is_secret, scrubbed_line

LINKS = Links(
    [
        ("/share/open/{token}", True),
        ("/share/open/{token}/files/{fileId}", True),
        ("/sign/", True),
        ("/mint/{slug}", True),
        ("/mint/workflows", False),
    ]
)


@pytest.mark.parametrize(
    "name",
    [
        "password", "new_password", "currentPassword", "passwd", "client_secret", "clientSecret", "secrets", "token",
        "accessToken", "X-Sandbox-Token", "id_token", "IDToken1", "IDTOKEN2", "pushToken", "client_assertion", "otp",
        "smsOtp", "otpCode", "sms-code", "pin", "PIN", "nin", "signer.nin", "signers[0].nin", "SSN", "nationalId",
        "national_identification_number", "personalNumber", "socialSecurityNumber", "codiceFiscale", "fiscal_code",
        "taxId", "apiKey", "X-Api-Key", "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "jwt",
        "SAMLResponse", "privateKey", "credentials", "verificationCode", "fødselsnummer-nin",
    ],
)  # fmt: skip
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "title", "id", "sessionId", "token_type", "tokenLifetime", "token_endpoint", "expires_in", "secretId",
        "token_endpoint_auth_methods_supported", "passwordPolicy", "code", "errorCode", "countryCode", "traceId",
        "spin", "beginning", "signing", "name", "documentId", "kid", "opinion", "pinned", "authorizationEndpoint",
        "status", "X-Request-Id", "Content-Type", "signatureUrl", "client_id",
    ],
)  # fmt: skip
def test_a_name_of_something_else_is_let_be(name: str) -> None:
    assert not is_secret(name)


def body_of(content: bytes) -> Body:
    body = Body()
    body.add(content)
    return body


def shown(value: Any, *, is_answer: bool = False, is_sealed: bool = False) -> Any:
    redactor = Redactor(LINKS)
    body = body_of(json.dumps(value).encode())
    told = redactor.body(body, "application/json", is_document=False, is_answer=is_answer, is_sealed=is_sealed)
    return redactor.scrub(told)


SECRETS = st.text(min_size=6, max_size=30).map(lambda text: f"s3cret-{text}")
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(secret=SECRETS, name=st.sampled_from(["password", "nin", "refresh_token", "otp"]), around=PLAIN, path=PLAIN)
def test_a_secret_by_name_is_nowhere_in_what_is_shown(secret: str, name: str, around: Any, path: Any) -> None:
    value = {
        "around": around,
        name: secret,
        "deep": [{"more": path, name: [secret, {"x": secret}]}],
        "echo": f"<{secret}>",
    }
    text = json.dumps(shown(value), ensure_ascii=False)
    assert secret not in text
    assert json.dumps(secret, ensure_ascii=False)[1:-1] not in text


@given(value=PLAIN)
def test_what_holds_no_secret_is_shown_as_it_is(value: Any) -> None:
    if not any(mark in json.dumps(value) for mark in ("eyJ", "://", "asic", "earer", "igest")) and not named(value):
        assert shown(value) == value


def named(value: Any) -> bool:
    """Whether a member of it is called like a secret, by chance."""
    if isinstance(value, dict):
        return any(
            is_secret(name) or name == "code" or "\ud800" <= max(name, default="") <= "\udfff" for name in value
        ) or any(map(named, value.values()))
    return isinstance(value, list) and any(map(named, value))


@given(
    st.recursive(st.text(), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2))
)
def test_whatever_is_shown_can_be_encoded(value: Any) -> None:
    json.dumps(shown(value), ensure_ascii=False, allow_nan=False).encode()


def test_in_answers_a_code_is_what_went_wrong_in_requests_it_is_a_secret() -> None:
    assert shown({"code": "not_found"}, is_answer=True) == {"code": "not_found"}
    assert shown({"code": "123456"}) == {"code": REDACTED}


def test_where_everything_may_be_a_secret_only_names_are_shown() -> None:
    assert shown([{"id": "1", "name": "key", "value": "v", "on": True}], is_sealed=True) == [
        {"id": "1", "name": "key", "value": REDACTED, "on": True}
    ]
    assert shown(["one-time-token"], is_answer=True, is_sealed=True) == [REDACTED]


def test_a_sealed_document_has_no_digest() -> None:
    told = Redactor(LINKS).body(body_of(b"pass"), "text/plain", is_document=True, is_answer=False, is_sealed=True)
    assert told == "<text/plain, 4 bytes, redacted>"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.test/share/open/abc/files/1?x=1", f"https://a.test/share/open/{REDACTED}/files/1?x={REDACTED}"),
        ("http://a.test/w/demo/share/open/abc", f"http://a.test/w/demo/share/open/{REDACTED}"),
        ("http://a.test/sign/?sessionId=abc", f"http://a.test/sign/?sessionId={REDACTED}"),
        ("http://a.test/w/demo/sign/?sessionId=abc", f"http://a.test/w/demo/sign/?sessionId={REDACTED}"),
        ("http://a.test/mint/abcdefgh?j=abc", f"http://a.test/mint/abcdefgh?j={REDACTED}"),
        ("http://a.test/w/demo/mint/workflows?limit=10", "http://a.test/w/demo/mint/workflows?limit=10"),
        ("http://a.test/sign/sessions?sessionId=abc", "http://a.test/sign/sessions?sessionId=abc"),
        ("http://a.test/?code=abc&state=1#id_token=abc", f"http://a.test/?code={REDACTED}&state=1#id_token={REDACTED}"),
        ("http://me:mine@a.test/x", f"http://{REDACTED}@a.test/x"),
        ("http://[a", REDACTED),
        ("/sign/?sessionId=abc", f"/sign/?sessionId={REDACTED}"),
    ],
)
def test_addresses_lose_their_tokens(url: str, expected: str) -> None:
    assert Redactor(LINKS).url(url) == expected


def test_a_path_that_is_no_operation_s_loses_what_looks_like_a_token() -> None:
    path = "/share/opne/Zk3x9QpL0aBc7DeF/3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    assert LINKS.path(path) == path
    assert LINKS.path(path, is_known=False) == f"/share/opne/{REDACTED}/3f2504e0-4f89-41d3-9a0c-0305e82c3301"


def test_a_token_in_a_link_is_hidden_also_where_it_stood_before_the_link() -> None:
    value = {"first": "abcdef-123456", "link": "http://a.test/sign/?sessionId=abcdef-123456"}
    assert shown(value) == {"first": REDACTED, "link": f"http://a.test/sign/?sessionId={REDACTED}"}


def test_parts_of_a_form_are_shown_by_name() -> None:
    content = (
        b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nabcdef\r\n'
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nLease\r\n'
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\nPDF\r\n--b--\r\n"
    )
    told = Redactor(LINKS).body(
        body_of(content), "multipart/form-data; boundary=b", is_document=False, is_answer=False, is_sealed=False
    )
    assert told[:2] == [{"name": "password", "value": REDACTED}, {"name": "title", "value": "Lease"}]
    assert told[2]["filename"] == "a.pdf"
    assert told[2]["value"].startswith("<application/pdf, 3 bytes, sha256:")


def test_a_line_of_a_log_loses_what_is_assigned_to_a_secret() -> None:
    line = "client_secret=abc password: xyz, title=Lease token_type=Bearer {'nin': '1'}"
    assert scrubbed_line(line, LINKS).startswith(
        f"client_secret={REDACTED} password: {REDACTED}, title=Lease token_type=Bearer"
    )


@pytest.mark.parametrize(
    "value",
    [
        [{"password": f"secret-{number:05}", "echo": f"secret-{number:05}"} for number in range(2000)],
        "eyJ" * 20_000,
        "bearer " * 9_000,
        "bearer " + "a" * 60_000,
        "http://" * 9_000,
        {"x" * 60_000: "password" * 7_000},
        "a=" * 30_000,
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_made_to_take_long_does_not(value: Any) -> None:
    start = time.monotonic()
    text = json.dumps(shown(value))
    scrubbed_line(json.dumps(value), LINKS)
    assert time.monotonic() - start < 10  # measured: less than one second
    assert "secret-0" not in text


@given(st.lists(st.binary(max_size=40_000), max_size=5))
def test_a_body_knows_its_size_and_digest_however_long_it_is(chunks: list[bytes]) -> None:
    body = Body()
    for chunk in chunks:
        body.add(chunk)
    whole = b"".join(chunks)
    assert (body.size, body.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert body.content == (whole if len(whole) <= MOST_OF_A_BODY else None)
    assert body.kept <= MOST_OF_A_BODY
