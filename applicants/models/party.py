import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.place import District


class PartyKind(models.TextChoices):
    ENTERPRISE = "enterprise", _("enterprise")
    UNIVERSITY = "university", _("university")
    RESEARCH_INSTITUTE = "research_institute", _("research institute")
    FUND = "fund", _("fund")
    DISTRICT_GOVERNMENT = "district_government", _("district government")
    INTERMEDIARY = "intermediary", _("intermediary")
    SOCIAL_ORGANISATION = "social_organisation", _("social organisation")
    PERSON = "person", _("person")


@pghistory.track()
class Party(models.Model):
    """An organisation, known by its 统一社会信用代码, or a person, known by an identity number."""

    application_may = "SELECT, INSERT, UPDATE"

    kind = models.CharField(_("kind"), max_length=30, choices=PartyKind.choices)
    name = models.CharField(_("name"), max_length=160)
    uscc = models.CharField(_("unified social credit code"), max_length=18, null=True, blank=True)
    identity_encrypted = models.BinaryField(null=True, blank=True, editable=False)
    identity_hmac = models.CharField(max_length=64, null=True, blank=True, editable=False)
    identity_last4 = models.CharField(max_length=4, blank=True, editable=False)
    district = models.ForeignKey(
        District, models.RESTRICT, null=True, blank=True, verbose_name=_("district")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("registered at"), auto_now_add=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)  # merged into another
    successor = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, verbose_name=_("goes on as"),
        related_name="predecessors",
    )  # the one that stands now, however often it changed since  # fmt: skip

    class Meta:
        verbose_name = _("applicant")
        verbose_name_plural = _("applicants")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(successor=None) | Q(ended_on__isnull=False) & ~Q(successor=F("id")),
                name="party_goes_on_once_ended",
            ),
            models.UniqueConstraint(
                "uscc",
                name="party_uscc_once",
                violation_error_message=_("This unified social credit code is registered already."),
            ),
            models.UniqueConstraint(
                "identity_hmac",
                name="party_identity_once",
                violation_error_message=_("This identity number is registered already."),
            ),
            models.CheckConstraint(
                condition=Q(kind="person", uscc__isnull=True, identity_hmac__isnull=False)
                | (~Q(kind="person") & Q(uscc__isnull=False, identity_hmac__isnull=True)),
                name="party_known_by_one_number",
                violation_error_message=_(
                    "An organisation has a unified social credit code, "
                    "a person an identity number, and neither has both."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_person(self) -> bool:
        return self.kind == PartyKind.PERSON

    @property
    def number_shown(self) -> str:
        """The credit code, which is public, or the identity number masked to its last four."""
        return f"**************{self.identity_last4}" if self.is_person else (self.uscc or "")


class MemberRole(models.TextChoices):
    OWNER = "owner", _("owner")
    CLERK = "clerk", _("clerk")


@pghistory.track()
class Membership(models.Model):
    application_may = "SELECT, INSERT, UPDATE"

    party = models.ForeignKey(Party, models.RESTRICT, verbose_name=_("applicant"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=10, choices=MemberRole.choices)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                "party",
                "user",
                name="member_once",
                violation_error_message=_("This user is a member already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.party}"
