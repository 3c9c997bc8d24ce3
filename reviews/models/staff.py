import pghistory
import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models.place import City
from incentives.models.bureau import Bureau


class Role(models.TextChoices):
    PREPARER = "preparer", _("preparer")
    APPROVER = "approver", _("approver")
    LEADER = "leader", _("leader")
    FINANCE_PREPARER = "finance_preparer", _("finance preparer")
    FINANCE_APPROVER = "finance_approver", _("finance approver")
    POLICY_EDITOR = "policy_editor", _("policy editor")
    AUDITOR = "auditor", _("auditor")
    WINDOW = "window", _("window clerk")  # 代办: files for those who cannot
    COORDINATOR = "coordinator", _("coordinating office")  # overdue work is escalated to it
    SYSTEM = "system", _("system administrator")
    SECURITY = "security", _("security administrator")


BUREAU_ROLES = [
    Role.PREPARER,
    Role.APPROVER,
    Role.LEADER,
    Role.FINANCE_PREPARER,
    Role.FINANCE_APPROVER,
]


# 三权分立: whoever holds one of these holds no other role at all.
ALONE = [Role.SYSTEM, Role.SECURITY, Role.AUDITOR]

# Who sign for money, or give others their roles: granted by one person and confirmed by another.
CONFIRMED = [
    Role.APPROVER,
    Role.LEADER,
    Role.FINANCE_PREPARER,
    Role.FINANCE_APPROVER,
    Role.SECURITY,
]

# The person's row is locked first: of two grants at once the second sees the first.
SEPARATE = """
    PERFORM 1 FROM applicants_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    PERFORM 1 FROM reviews_staffrole r
      WHERE r.user_id = NEW.user_id AND r.is_active AND r.id <> NEW.id AND r.role <> NEW.role
        AND (r.role IN ({alone}) OR NEW.role IN ({alone}));
    IF FOUND THEN
        RAISE EXCEPTION 'administrators_apart: this role is held alone'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
""".format(alone=", ".join(f"'{role}'" for role in ALONE))

IN_OWN_CITY = """
    PERFORM 1 FROM incentives_bureau WHERE id = NEW.bureau_id AND city_id = NEW.city_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role_in_own_city: the bureau is of another city'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""


@pghistory.track()
class StaffRole(models.Model):
    """What a member of staff may do, and for which bureau. Ended, never deleted.

    Roles without `granted_by` are those of the first administrators, made on the host itself. One
    that needs a second person's confirmation waits, inactive, until it is given.
    """

    application_may = "SELECT, INSERT, UPDATE"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("user"))
    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    bureau = models.ForeignKey(
        Bureau, models.RESTRICT, null=True, blank=True, verbose_name=_("bureau")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    is_active = models.BooleanField(_("active"), default=True)
    since = models.DateTimeField(_("since"), auto_now_add=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("granted by"),
        related_name="+",
    )  # fmt: skip
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("confirmed by"),
        related_name="+",
    )  # fmt: skip
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, verbose_name=_("ended by"),
        related_name="+",
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True)
    reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("staff role")
        verbose_name_plural = _("staff roles")
        constraints = [
            models.UniqueConstraint(
                "user",
                "city",
                "bureau",
                "role",
                name="staff_role_once",
                nulls_distinct=False,  # a role of the whole city names no bureau
                violation_error_message=_("This person has this role already."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=BUREAU_ROLES, bureau__isnull=False)
                | (~Q(role__in=BUREAU_ROLES) & Q(bureau__isnull=True)),
                name="bureau_role_names_bureau",
                violation_error_message=_(
                    "Preparers and approvers belong to a bureau; "
                    "policy editors and auditors to the city."
                ),
            ),
            models.CheckConstraint(
                condition=(Q(granted_by=None) | ~Q(granted_by=F("user")))
                & (Q(confirmed_by=None) | ~Q(confirmed_by=F("user")))
                & (Q(ended_by=None) | ~Q(ended_by=F("user"))),
                name="nobody_grants_to_oneself",
                violation_error_message=_("Nobody gives, confirms or ends a role of one's own."),
            ),
            models.CheckConstraint(
                condition=Q(is_active=False)
                | Q(granted_by=None)
                | ~Q(role__in=CONFIRMED)
                | Q(confirmed_by__isnull=False),
                name="signing_role_is_confirmed",
                violation_error_message=_("This role needs the confirmation of a second person."),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None)
                | (Q(granted_by__isnull=False) & ~Q(confirmed_by=F("granted_by"))),
                name="role_confirmed_by_another",
                violation_error_message=_("A role is confirmed by someone who did not grant it."),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | (Q(is_active=False) & ~Q(reason="")),
                name="ended_role_gives_its_reason",
                violation_error_message=_("Say why the role ends."),
            ),
        ]

        triggers = [
            pgtrigger.Trigger(
                name="role_in_own_city",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__bureau__isnull=False),
                func=IN_OWN_CITY,
            ),
            pgtrigger.Trigger(
                name="administrators_apart",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__is_active=True),
                func=SEPARATE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.bureau or self.city} · {self.get_role_display()}"

    @property
    def waits(self) -> bool:
        """Granted, and not confirmed by a second person yet."""
        return not self.is_active and self.ended_at is None and self.granted_by_id is not None

    def clean(self) -> None:
        if self.bureau and self.bureau.city_id != self.city_id:
            raise ValidationError({"bureau": _("Choose a bureau of the city.")})
