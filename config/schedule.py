"""What Celery beat rings for, and when. Every task finds its own work in the database."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {}
