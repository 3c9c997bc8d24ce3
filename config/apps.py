from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]  # loading the app makes `shared_task` find its broker


class ConfigConfig(AppConfig):
    name = "config"
