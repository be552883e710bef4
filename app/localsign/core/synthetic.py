"""National identity numbers that look real, pass their check digits, and belong to nobody.

Each country has a range that is never issued:

* Norway: the month raised by 80, as in the synthetic population of Skatteetaten (Tenor test data search).
* Sweden: the birth numbers 238 and 239 of dates since 1990, as in the test numbers that Skatteverket publishes, such
  as 199001012385. That every such date has both is inferred from the list.
* Denmark: the first digit of the day raised by 6, as the CPR office advises for substitutes that cannot be mistaken.
* Finland: individual numbers from 900 up, which the register never issues; those of DVV's test persons.
"""

import re
from datetime import date, timedelta
from typing import Literal, get_args

from localsign.core.ids import Ids

Country = Literal["NO", "SE", "DK", "FI"]
COUNTRIES: tuple[Country, ...] = get_args(Country)

_EARLIEST, _LATEST = date(1990, 1, 1), date(2005, 12, 31)  # the oldest of whom everybody agrees that they are of age
_NORWAY = ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
_DENMARK = (4, 3, 2, 7, 6, 5, 4, 3, 2)
_FINLAND = "0123456789ABCDEFHJKLMNPRSTUVWXY"


def draw(country: Country, ids: Ids) -> str:
    """A number of somebody born from 1990 to 2005, from the draws of a world."""
    number, days = divmod(int.from_bytes(ids.entropy(16), "big"), (_LATEST - _EARLIEST).days + 1)
    born, serial = _EARLIEST + timedelta(days=days), number % 1000
    while (found := _MAKERS[country](born, serial)) is None:  # some serial numbers have no check digit
        serial = (21 * serial + 1) % 1000  # comes to every number below 1000
    return found


def is_synthetic(country: Country, number: str) -> bool:
    """Whether `number` is of the country's range that is never issued, check digits included."""
    plain = re.sub(r"\s", "", number)
    if country != "FI":
        plain = re.sub(r"[-+]", "", plain)
    if country == "SE" and len(plain) == 10:
        plain = f"{'19' if plain[:2] >= '90' else '20'}{plain}"
    if not re.fullmatch(_SHAPES[country], plain):
        return False
    born = _born(country, plain)
    return born is not None and plain in {_MAKERS[country](born, serial) for serial in _serials(country, plain)}


def _norwegian(born: date, serial: int) -> str | None:
    if (serial >= 500) is not (born.year >= 2000):  # documented: 000 to 499 for those born before 2000
        return None
    digits = f"{born.day:02}{born.month + 80:02}{born.year % 100:02}{serial:03}"
    for weights in _NORWAY:
        rest = -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest == 10:
            return None
        digits += str(rest)
    return digits


def _swedish(born: date, serial: int) -> str:
    digits = f"{born:%Y%m%d}{238 + serial % 2}"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits[2:]))
    return f"{digits}{-total % 10}"


def _danish(born: date, serial: int) -> str | None:
    # The seventh digit says the century together with the year.
    century = "4" if born.year >= 2000 else "0"
    digits = f"{born.day + 60:02}{born.month:02}{born.year % 100:02}{century}{serial % 100:02}"
    rest = -sum(int(digit) * weight for digit, weight in zip(digits, _DENMARK, strict=True)) % 11
    return None if rest == 10 else f"{digits}{rest}"


def _finnish(born: date, serial: int) -> str:
    number = f"{born:%d%m%y}{900 + serial % 100}"
    return f"{number[:6]}{'A' if born.year >= 2000 else '-'}{number[6:]}{_FINLAND[int(number) % 31]}"


_MAKERS = {"NO": _norwegian, "SE": _swedish, "DK": _danish, "FI": _finnish}
_SHAPES = {"NO": r"[0-9]{11}", "SE": r"[0-9]{12}", "DK": r"[0-9]{10}", "FI": r"[0-9]{6}[-A][0-9]{3}[0-9A-Y]"}


def _born(country: Country, number: str) -> date | None:
    """The day of birth that a number says, where it says one of this or the last century."""
    try:
        if country == "SE":
            return date(int(number[:4]), int(number[4:6]), int(number[6:8]))
        day, month, year = int(number[:2]), int(number[2:4]), int(number[4:6])
        if country == "NO":
            return date((2000 if int(number[6:9]) >= 500 else 1900) + year, month - 80, day)
        if country == "DK":
            return date((2000 if number[6] == "4" else 1900) + year, month, day - 60)
        return date((2000 if number[6] == "A" else 1900) + year, month, day)
    except ValueError:
        return None


def _serials(country: Country, number: str) -> list[int]:
    """The serial numbers of which one must have made `number`."""
    if country == "SE":
        return [0, 1]
    return [int({"NO": number[6:9], "DK": number[7:9], "FI": number[8:10]}[country])]
