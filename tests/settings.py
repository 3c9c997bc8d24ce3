"""The settings of the tests: those of Huiqi, with secrets of their own and quick passwords."""

import base64
import os
import tempfile
from pathlib import Path

NOBODY_ANSWERS = "/nowhere"  # until a test asks for the database; see tests/conftest.py
os.environ |= {
    "HUIQI_ENV": "test",
    "SECRET_KEY": "for-tests-" + "abcdefghij" * 5,
    "HUIQI_FIELD_KEY": base64.b64encode(bytes(range(32))).decode(),
}
os.environ.setdefault("LOG_LEVEL", "WARNING")  # who asked for what is of no interest here
os.environ.setdefault("DATABASE_URL", f"postgresql://huiqi_app@/huiqi?host={NOBODY_ANSWERS}")
os.environ.setdefault(
    "DATABASE_OWNER_URL", f"postgresql://huiqi_owner@/huiqi?host={NOBODY_ANSWERS}"
)
os.environ.setdefault("REDIS_URL", f"unix://{NOBODY_ANSWERS}")

from config.settings import *  # noqa: E402, F403  # the environment comes first

ALLOWED_HOSTS = ["*"]
WHITENOISE_AUTOREFRESH = True  # nothing is collected for the tests
HOME = Path(os.environ.get("HUIQI_TEST_HOME", tempfile.gettempdir()))
MEDIA_ROOT, ANCHOR_ROOT = HOME / "media", HOME / "digests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True  # static files where they lie
