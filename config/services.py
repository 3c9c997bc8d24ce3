"""Settings of what runs beside the web process. Poured into `config.settings`."""

from urllib.parse import parse_qs, urlsplit

from config import environment
from config.schedule import SCHEDULE

DATABASES = {
    "default": environment.database()
    | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
APPLICATION_DB_ROLE = environment.app_role()

REDIS_URL = environment.required(
    "REDIS_URL", "redis://HOST:6379/0", lambda: environment.demo_server("REDIS_URL")
)


def broker_url(redis_url: str) -> str:
    """Celery writes a Unix socket's address in its own way."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={number}"


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "huiqi",
    }
}

CELERY_BROKER_URL = broker_url(REDIS_URL)
# A message taken and not answered for this long is delivered again: longer than any task may run.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_connect_timeout": 3,
    "socket_timeout": 30,
    # Who rings while the broker is down must not wait for it: the sweepers find the work.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True  # the row that a task changes is its result
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_SOFT_TIME_LIMIT = 600
CELERY_TASK_TIME_LIMIT = 660
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = SCHEDULE

SITE_URL = environment.address(
    "SITE_URL", demo=f"http://127.0.0.1:{environment.value('HUIQI_PORT') or 8000}"
)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
if not environment.value("EMAIL_HOST"):
    # Without a mail server the inbox in the portal still gets every notice.
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_HOST = environment.value("EMAIL_HOST") or ""
EMAIL_PORT = environment.number("EMAIL_PORT", 587, least=1)
EMAIL_TIMEOUT = 20  # seconds, for each step of a delivery
EMAIL_HOST_USER = environment.value("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = environment.value("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", default=True)
DEFAULT_FROM_EMAIL = environment.value("DEFAULT_FROM_EMAIL") or "huiqi@localhost"

# Webhooks and text messages leave for public addresses; a gateway inside the city's own network
# has to be allowed.
OUTGOING_TO_PRIVATE = environment.flag("OUTGOING_TO_PRIVATE", default=False)
OUTGOING_TO_LOOPBACK = not environment.is_production()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "applicants.api.authentication.FreshTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "applicants.api.paging.KeysetPagination",
    "DEFAULT_PARSER_CLASSES": ["applicants.api.parsing.ExactJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "config.api.ErrorSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "120/min", "user": "1200/min"},
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "NUM_PROXIES": environment.number("PROXY_COUNT", 0),
}
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "415", "422", "429"]
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "config.api.Refusals",
    "ALLOWED_ERROR_STATUS_CODES": REFUSALS,
    "ERROR_SCHEMAS": dict.fromkeys(REFUSALS, "config.api.ErrorsSerializer"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Huiqi 惠企",
    "DESCRIPTION": (
        "Incentives of a city: programmes, applications, reviews, awards, payouts. "
        "A query parameter or a field that a door does not know is refused by its name (400)."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Folded: with more than some 120 operations unfolded, Swagger UI stops in the midst of them.
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none"},
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CaseState": "reviews.models.lifecycle.CaseState",
        "TaskState": "reviews.models.task.TaskState",
        "AwardState": "incentives.models.award.AwardState",
        "InstalmentKind": "incentives.models.award.InstalmentKind",
        "BatchState": "incentives.models.payout.BatchState",
        "LineState": "incentives.models.payout.LineState",
        "DeterminationState": "reviews.models.determination.DeterminationState",
        "MemberRole": "applicants.models.party.MemberRole",
        "RoleOfStaff": "reviews.models.staff.Role",
        "PartyKind": "applicants.models.party.PartyKind",
        "OrganisationKind": "applicants.api.serializers.ORGANISATIONS",
        "EntryKind": "incentives.models.register.EntryKind",
        "EntryState": "incentives.models.register.EntryState",
        "CounterKind": "incentives.models.counter.CounterKind",
        "TaskKind": "reviews.models.task.TaskKind",
        "ChangeKind": "applicants.models.party_change.ChangeKind",
        "ChangeState": "applicants.models.party_change.ChangeState",
        "LetterKind": "reviews.models.letter.LetterKind",
        "ExportKind": "incentives.models.export.ExportKind",
        "ExportState": "incentives.models.export.ExportState",
        "RecoveryState": "incentives.models.recovery.RecoveryState",
        "RoundState": "reviews.models.round.RoundState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_standardized_errors.openapi_hooks.postprocess_schema_enums",
    ],
}
