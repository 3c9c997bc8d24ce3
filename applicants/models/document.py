import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.party import Party


class Document(models.Model):
    """An uploaded paper of a party or the city; the file lies in the private store under its id."""

    application_may = "SELECT, INSERT"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    party = models.ForeignKey(
        Party, models.RESTRICT, null=True, verbose_name=_("applicant")
    )  # none: a paper of the city, laid in a case by its staff or sent in with an objection
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("uploaded by")
    )  # none: sent in with an objection by somebody who was not signed in
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-uploaded_at"]
        triggers = append_only("document")

    def __str__(self) -> str:
        return self.name
