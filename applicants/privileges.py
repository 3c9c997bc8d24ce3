"""What the application's database role may do: granted table by table after every migration.

The owner migrates; the application connects as a role owning nothing. A model says what that role
may do in `application_may`; history tables allow no UPDATE or DELETE, money tables no write at all.
"""

from typing import Any

import pghistory.models
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections, models

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"


def application_may(model: type[models.Model]) -> str:
    if issubclass(model, pghistory.models.Event):
        return "SELECT, INSERT"
    return getattr(model, "application_may", EVERYTHING)


def grant_to_application(*, app_config: AppConfig, using: str, **_: Any) -> None:
    role = settings.APPLICATION_DB_ROLE
    installed = apps.get_app_config(app_config.label)
    with connections[using].cursor() as cursor:
        quote = connections[using].ops.quote_name
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quote(role)}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {quote(role)}")
        for model in installed.get_models(include_auto_created=True):
            if model._meta.proxy or not model._meta.managed:
                continue
            table = quote(model._meta.db_table)
            cursor.execute(f"REVOKE ALL ON {table} FROM {quote(role)}")
            cursor.execute(f"GRANT {application_may(model)} ON {table} TO {quote(role)}")
