"""Django's rule for short passwords, in words that are translated with ours."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class LongEnough(MinimumLengthValidator):
    # Django's own sentence and its Chinese translation have drifted apart.
    def get_error_message(self) -> str:
        return _("This password is too short; write at least %d characters.") % self.min_length

    def get_help_text(self) -> str:
        return _("At least %d characters.") % self.min_length
