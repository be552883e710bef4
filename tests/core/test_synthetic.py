"""National identity numbers that belong to nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.core.ids import Ids
from localsign.core.people import built_in, magic_word, plain_email
from localsign.core.synthetic import COUNTRIES, Country, draw, is_synthetic

FI_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def passes(country: Country, number: str) -> bool:
    """The country's own check, as a validator in the wild has it, without its date."""
    digits = [int(one) for one in number if one.isdigit()]
    match country:
        case "NO":
            sums = [(3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)]
            return all(sum(a * b for a, b in zip(digits, weights, strict=False)) % 11 == 0 for weights in sums)
        case "SE":
            doubled = [digit * (2 - place % 2) for place, digit in enumerate(digits[2:])]
            return sum(one // 10 + one % 10 for one in doubled) % 10 == 0
        case "DK":
            return sum(a * b for a, b in zip(digits, (4, 3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0
        case "FI":
            return number[-1] == FI_LETTERS[int(number[:6] + number[7:10]) % 31]


@pytest.mark.parametrize("country", COUNTRIES)
@given(seed=st.text(max_size=5, alphabet="abc123"))
def test_what_is_drawn_passes_the_check_and_is_never_issued(country: Country, seed: str) -> None:
    number = draw(country, Ids(seed))
    assert passes(country, number)
    assert is_synthetic(country, number)
    assert number == draw(country, Ids(seed))


# Published: the first of each country by Skatteverket as a test number, by DVV for a test person.
@pytest.mark.parametrize(
    ("country", "number"),
    [("SE", "199001012385"), ("SE", "19900101-2385"), ("SE", "900101-2385"), ("SE", "201701012393"),
     ("FI", "020504A902E"), ("NO", "14839010231"), ("DK", "830592-0127")],
)  # fmt: skip
def test_known_test_numbers_are_recognised(country: Country, number: str) -> None:
    assert is_synthetic(country, number)


@pytest.mark.parametrize(
    ("country", "number"),
    [("NO", "14039010231"), ("NO", "14839010232"), ("NO", "14899010231"), ("NO", ""), ("NO", "1" * 400),
     ("SE", "199001010017"), ("SE", "199013012385"), ("DK", "2305920127"), ("DK", "9905920127"),
     ("FI", "131052-308T"), ("FI", "310293-912U"), ("FI", "080993-912X"), ("NO", "١٤٨٣٩٠١٠٢٣١"), ("NO", "\ud800")],
)  # fmt: skip
def test_what_could_be_somebodys_number_is_not_called_synthetic(country: Country, number: str) -> None:
    assert not is_synthetic(country, number)


def test_the_built_in_personas_belong_to_nobody() -> None:
    for one in built_in():
        [country] = [known for known in COUNTRIES if known == one.country]
        assert one.national_id is not None
        assert passes(country, one.national_id)
        assert is_synthetic(country, one.national_id)
        assert (one.email or "").endswith("@example.com")
    assert {one.country for one in built_in()} == set(COUNTRIES)


@pytest.mark.parametrize(
    ("address", "word", "plain"),
    [
        ("reject+kari@example.com", "reject", "kari@example.com"),
        ("SLOW+a+b@c", "slow", "a+b@c"),
        ("kari@example.com", None, None),
        ("rejected+kari@example.com", None, None),
        ("kari+reject@example.com", None, None),
        ("", None, None),
    ],
)
def test_a_magic_word_is_the_beginning_of_an_address(address: str, word: str | None, plain: str | None) -> None:
    assert (magic_word(address), plain_email(address)) == (word, plain)
