"""Django settings. Everything that differs between two installations comes from the environment."""

from pathlib import Path

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from config import environment
from config.logs import logging_for
from config.paths import BASE, DEMO, VAR
from config.security import *  # noqa: F403  # settings fragments are made to be poured in
from config.services import *  # noqa: F403

django_stubs_ext.monkeypatch()  # lets annotations name what a generic class of Django holds

SECRET_KEY = environment.secret_key()
HUIQI_FIELD_KEY = environment.field_key()
DEBUG = environment.debug()
HUIQI_ENV = environment.kind()
ALLOWED_HOSTS = environment.names(
    "ALLOWED_HOSTS", "the host names of the site, separated by commas", "localhost,127.0.0.1,[::1]"
)

INSTALLED_APPS = [
    "config",
    "applicants",
    "incentives",
    "reviews",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "health_check",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "rest_framework.authtoken",
    "rules.apps.AutodiscoverRulesConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "applicants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "applicants.context.frame",
                "reviews.context.menu",
            ]
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = environment.value("STATIC_ROOT") or VAR / "static"
# Uploads and exports. There is no MEDIA_URL: they leave only through views that check who asks.
MEDIA_ROOT = environment.value("MEDIA_ROOT") or DEMO / "media"
# Daily digests of ledger and events; best a place that this machine can only add to.
ANCHOR_ROOT = Path(
    environment.required("ANCHOR_ROOT", "a folder for daily digests", lambda: f"{DEMO}/digests")
)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # a roster's form has some ten fields a person
FILE_UPLOAD_PERMISSIONS = 0o600

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_for(environment.value("LOG_LEVEL") or "INFO")
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# What people look at is kept by the database (pghistory); the log only tells who asked for what.
DJANGO_STRUCTLOG_USER_ID_FIELD = "pk"
