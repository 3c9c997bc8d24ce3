"""What a verb refuses. Django's own exceptions, so that forms, the admin and the API know them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected


class Refused(ValidationError):
    """The input or the moment does not allow it; says which field, what was wrong, what instead."""


class Conflict(Refused):
    """Somebody else was faster, or the case has moved on: look again before acting."""


class Gone(Conflict):
    """It was there, and is kept no longer."""


class NotAllowed(PermissionDenied):
    """This person may not do this here."""


def crossed(error: BaseException) -> bool:
    """Whether it was one of two steps that waited for one another, and PostgreSQL undid it."""
    return isinstance(error.__cause__, DeadlockDetected)


def words_of_crossing() -> str:
    return _("Another step crossed this one, and nothing was done; take it once more.")


@contextmanager
def told_of_crossing() -> Iterator[None]:
    """A form stays as it was filled in, with these words."""
    try:
        yield
    except OperationalError as error:
        if crossed(error):
            raise Refused(words_of_crossing()) from error
        raise


__all__ = [
    "Conflict",
    "Gone",
    "NotAllowed",
    "Refused",
    "crossed",
    "told_of_crossing",
    "words_of_crossing",
]
