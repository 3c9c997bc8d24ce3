"""Whether an uploaded file is what it says: by its extension, its name and by opening it."""

from applicants.domain.uploads.check import Checked, check
from applicants.domain.uploads.names import ALLOWED, LARGEST

__all__ = ["ALLOWED", "LARGEST", "Checked", "check"]
