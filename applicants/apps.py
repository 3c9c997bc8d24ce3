from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ApplicantsConfig(AppConfig):
    name = "applicants"
    verbose_name = _("Applicants")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from applicants.privileges import grant_to_application  # models load first

        post_migrate.connect(grant_to_application, dispatch_uid="application-role")
