"""Numbers that know organisations and persons: as people type them, to the form that is kept."""

import re
import unicodedata
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from stdnum.cn import ric, uscc

from applicants.domain.errors import Refused

LENGTH = 18
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015 leaves out I, O, S, V and Z
EARLIEST_BIRTH = date(1880, 1, 1)


def plain(text: str) -> str:
    """Full-width to half-width, capitals, and no white space, hyphen or invisible character."""
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in wide if unicodedata.category(c) not in ("Cc", "Cf", "Zs", "Pd"))


def read_uscc(text: str) -> str:
    """The unified social credit code of GB 32100-2015; raises Refused on the field `uscc`."""
    number = plain(text)
    if problem := _length_problem(number) or _uscc_problem(number):
        raise Refused({"uscc": problem})
    return number


def read_identity_number(text: str) -> str:
    """The citizen's identity number of GB 11643; raises Refused on the field `id_number`."""
    number = plain(text)
    if problem := _length_problem(number) or _identity_problem(number):
        raise Refused({"id_number": problem})
    return number


def _length_problem(number: str) -> str | None:
    if len(number) == LENGTH:
        return None
    return _("This has %(count)s characters; write all %(length)s, without spaces.") % {
        "count": len(number),
        "length": LENGTH,
    }


def _uscc_problem(number: str) -> str | None:
    for place, character in enumerate(number, start=1):
        if character not in USCC_ALPHABET or (3 <= place <= 8 and not character.isdigit()):
            return _(
                "Character %(place)s, “%(character)s”, cannot stand there. The code has digits and "
                "capital letters without I, O, S, V and Z; characters 3 to 8 are digits."
            ) % {"place": place, "character": character}
    if number[-1] != uscc.calc_check_digit(number):
        return _(
            "The last character does not fit the others, so one of the 18 is mistyped. "
            "Compare them with the business licence or certificate."
        )
    return None


def _identity_problem(number: str) -> str | None:
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return _("Write 17 digits and a last character that is a digit or X.")
    if not _is_birthday(number[6:14]):
        return _("Characters 7 to 14 are no date of birth; compare them with the identity card.")
    if number[-1] != ric.calc_check_digit(number):
        return _(
            "The last character does not fit the others, so one of the 18 is mistyped. "
            "Compare them with the identity card."
        )
    return None


def _is_birthday(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return EARLIEST_BIRTH <= born <= timezone.localdate()
