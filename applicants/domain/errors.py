"""What a verb refuses. Django's own exceptions, so that forms, the admin and the API know them."""

from django.core.exceptions import PermissionDenied, ValidationError


class Refused(ValidationError):
    """The input or the moment does not allow it; says which field, what was wrong, what instead."""


class Conflict(Refused):
    """Somebody else was faster, or the case has moved on: look again before acting."""


class NotAllowed(PermissionDenied):
    """This person may not do this here."""


__all__ = ["Conflict", "NotAllowed", "Refused"]
