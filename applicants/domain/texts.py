"""Single lines that people type: names and addresses as they are kept."""

import unicodedata

from django.utils.translation import gettext as _

from applicants.domain.errors import Refused


def read_line(text: str, *, field: str, limit: int, required: bool = True) -> str:
    """One line without control characters and outer or double spaces; raises Refused on `field`."""
    line = " ".join(text.split())
    if any(unicodedata.category(c) in ("Cc", "Cf") for c in line):
        raise Refused({field: _("This contains invisible characters; type it in anew.")})
    if required and not line:
        raise Refused({field: _("Fill this in.")})
    if len(line) > limit:
        raise Refused(
            {
                field: _("This has %(count)s characters; write at most %(limit)s.")
                % {"count": len(line), "limit": limit}
            }
        )
    return line
