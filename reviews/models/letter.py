import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.place import City
from incentives.models.bureau import Bureau
from reviews.models.application import Application


class LetterKind(models.TextChoices):
    ACCEPTED = "accepted", _("notice of acceptance")
    RETURNED = "returned", _("notice of what to supplement")
    NOT_ACCEPTED = "not_accepted", _("notice of non-acceptance")
    GRANTED = "granted", _("decision to grant")
    REFUSED = "refused", _("decision not to grant")
    RECONSIDERED = "reconsidered", _("decision on reconsideration")
    OBJECTION = "objection", _("answer to an objection")
    RECOVERY = "recovery", _("demand for recovery")


TOKEN_START = 12
"""By so many characters of its token a letter is found; the whole is then compared."""


class Seal(models.Model):
    """What a bureau's letters carry: its mark (机关代字) and the image of its seal (电子印章).

    The newest of a bureau counts. Without an image the place of the seal says so.
    """

    application_may = "SELECT, INSERT"

    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    mark = models.CharField(
        _("mark"),
        max_length=12,
        blank=True,
        help_text=_("The numbers of the bureau's letters begin with it."),
    )
    image = models.BinaryField(editable=False, default=b"")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    basis = models.CharField(_("basis"), max_length=300)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ["bureau", "-id"]
        triggers = append_only("seal")

    def __str__(self) -> str:
        return f"{self.bureau} #{self.pk}"


class LetterTemplate(models.Model):
    """The city's wording of one kind of letter; the newest of a kind counts."""

    application_may = "SELECT, INSERT"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(
        _("text"),
        help_text=_("{number}, {applicant}, {programme}, {amount} and so on are filled in."),
    )
    basis = models.CharField(_("basis"), max_length=300)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("letter template")
        verbose_name_plural = _("letter templates")
        ordering = ["city", "kind", "-id"]
        triggers = append_only("letter template")

    def __str__(self) -> str:
        return f"{self.city} · {self.get_kind_display()}"


class Letter(models.Model):
    """A decision as it was served (文书): its text never changes; when it was read is recorded."""

    application_may = "SELECT, INSERT, UPDATE"

    application = models.ForeignKey(
        Application, models.RESTRICT, related_name="letters", verbose_name=_("case")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    number = models.CharField(_("letter number"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    body = models.TextField(_("text"))
    data = models.JSONField(default=dict)
    seal = models.ForeignKey(Seal, models.RESTRICT, null=True, verbose_name=_("seal"))
    bureau = models.ForeignKey(Bureau, models.RESTRICT, verbose_name=_("bureau"))
    token = models.CharField(max_length=43, unique=True)  # what the QR code leads to
    issued_on = models.DateField(_("issued on"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("issued by")
    )
    read_at = models.DateTimeField(_("first read at"), null=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        null=True,
        verbose_name=_("first read by"),
        related_name="+",
    )

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_by__isnull=True)
                | Q(read_at__isnull=False, read_by__isnull=False),
                name="letter_reading_names_its_reader",
            )
        ]
        indexes = [models.Index(Left("token", TOKEN_START), name="letter_by_token_start")]
        triggers = [
            pgtrigger.ReadOnly(
                name="letter_content",
                fields=[
                    "application", "kind", "number", "title", "body", "data", "seal", "bureau",
                    "token", "issued_on", "issued_by",
                ],
            ),
            pgtrigger.Protect(
                name="letter_read_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__read_at__isnull=False),
            ),
            pgtrigger.Protect(name="letter_kept", operation=pgtrigger.Delete),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number
