"""Django's rule for short passwords in our words, and what ends with a password."""

from typing import Any

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    # Django's own sentence and its Chinese translation have drifted apart.
    def get_error_message(self) -> str:
        return _("This password is too short; write at least %d characters.") % self.min_length

    def get_help_text(self) -> str:
        return _("At least %d characters.") % self.min_length

    def password_changed(self, password: str, user: Any = None) -> None:
        """A changed password ends the API token, whatever changed it: Django calls this."""
        # Not above: Django reads the validators before there are models.
        from rest_framework.authtoken.models import Token

        Token.objects.filter(user=user.pk).delete()
