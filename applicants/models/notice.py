from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models.append_only import append_only
from applicants.models.place import City


class EmailMode(models.TextChoices):
    EACH = "each", _("each as it comes")
    DIGEST = "digest", _("once a day, together")
    NONE = "none", _("none: only the inbox")


class Digest(models.Model):
    """One mail that tells one person of a day's notices together; what is in it stays in it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("to"))
    day = models.DateField(_("day"))
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    emailed_at = models.DateTimeField(_("e-mailed at"), null=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("daily digest")
        verbose_name_plural = _("daily digests")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint("user", "day", name="one_digest_a_day")]
        indexes = [models.Index(fields=["id"], condition=Q(emailed_at=None), name="digest_waiting")]

    def __str__(self) -> str:
        return f"{self.user} · {self.day}"


class Notice(models.Model):
    """A message to one person: the row is the inbox entry and the outbox of its e-mail at once.

    `kind` names the wording (applicants.domain.wording); `data` fills it, in the reader's language.
    `key` makes it a notice that is written once however often its cause is seen.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("to"))
    kind = models.CharField(_("kind"), max_length=60)
    key = models.CharField(max_length=160, unique=True)
    data = models.JSONField(default=dict)
    url = models.CharField(_("page"), max_length=300, blank=True)
    city = models.ForeignKey(City, models.RESTRICT, null=True, verbose_name=_("city"))
    email_mode = models.CharField(
        _("e-mail"), max_length=10, choices=EmailMode.choices, default=EmailMode.EACH
    )  # as the reader wished when it was written
    part_of = models.ForeignKey(
        Digest, models.RESTRICT, null=True, blank=True, related_name="notices", db_index=False
    )
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    emailed_at = models.DateTimeField(_("e-mailed at"), null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_inbox"),
            models.Index(
                fields=["id"],
                condition=Q(emailed_at=None, email_mode="each"),
                name="notice_outbox",
            ),
            models.Index(
                fields=["user", "id"],
                condition=Q(emailed_at=None, email_mode="digest", part_of=None),
                name="notice_digest",
            ),
            models.Index(
                fields=["part_of", "id"],
                condition=Q(part_of__isnull=False),
                name="notice_in_digest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user}"


class NoticeTemplate(models.Model):
    """The city's own wording of one kind of notice; the newest of a kind counts."""

    application_may = "SELECT, INSERT"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    kind = models.CharField(_("kind"), max_length=60)
    title_zh = models.CharField(_("Chinese title"), max_length=160)
    text_zh = models.TextField(_("Chinese text"))
    title_en = models.CharField(_("English title"), max_length=160)
    text_en = models.TextField(_("English text"))
    basis = models.CharField(_("basis"), max_length=300)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set by"), related_name="+"
    )
    set_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("notice template")
        verbose_name_plural = _("notice templates")
        ordering = ["city", "kind", "-id"]
        triggers = append_only("notice template")

    def __str__(self) -> str:
        return f"{self.city} · {self.kind}"


class NoticePreference(models.Model):
    """How one person wants to be told. What the law requires to be served goes by e-mail always."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="notice_preference"
    )
    email = models.CharField(
        _("e-mail"), max_length=10, choices=EmailMode.choices, default=EmailMode.EACH
    )
    phone = models.CharField(_("mobile number"), max_length=20, blank=True)
    sms = models.BooleanField(_("text messages for deadlines"), default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("notice preference")
        verbose_name_plural = _("notice preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(sms=False) | ~Q(phone=""),
                name="text_messages_need_a_number",
                violation_error_message=_("Give a mobile number for text messages."),
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class Channel(models.TextChoices):
    SMS = "sms", _("text message")
    WEBHOOK = "webhook", _("webhook")


class Endpoint(models.Model):
    """Where a city's text messages or webhooks go: an HTTPS address that checks our signature."""

    application_may = "SELECT, INSERT, UPDATE"

    city = models.ForeignKey(City, models.RESTRICT, verbose_name=_("city"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    url = models.URLField(_("address"), max_length=300)
    secret_encrypted = models.BinaryField(editable=False)
    kinds = models.JSONField(_("kinds of notices"), default=list, blank=True)  # none: all
    is_active = models.BooleanField(_("active"), default=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, verbose_name=_("set by"), related_name="+"
    )
    set_at = models.DateTimeField(_("set at"), auto_now_add=True)

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering = ["city", "channel", "id"]

    def __str__(self) -> str:
        return f"{self.city} · {self.get_channel_display()}"


class Delivery(models.Model):
    """One notice on its way through an endpoint: claimed, sent at least once, or given up."""

    notice = models.ForeignKey(Notice, models.RESTRICT, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, models.RESTRICT, verbose_name=_("endpoint"))
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    claimed_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("notice", "endpoint", name="delivered_once_per_endpoint")
        ]
        indexes = [models.Index(fields=["id"], condition=Q(sent_at=None), name="delivery_waiting")]

    def __str__(self) -> str:
        return f"{self.notice} → {self.endpoint}"
