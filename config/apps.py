from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]  # loading the app makes `shared_task` find its broker


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        celery_app.autodiscover_tasks(force=True)  # who rings for a task knows it by its name
