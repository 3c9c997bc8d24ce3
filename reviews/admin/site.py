"""The admin site itself: its name, and signing in through the portal's own door."""

from importlib import import_module

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy

# Staff roles replace groups; the secrets of other people's sign-in are nobody's to read here.
for module, model in (
    ("django.contrib.auth.admin", Group),
    ("allauth.account.admin", EmailAddress),
    ("allauth.mfa.admin", Authenticator),
    ("rest_framework.authtoken.admin", TokenProxy),
):
    import_module(module)
    admin.site.unregister(model)

admin.site.site_header = _("Huiqi · reviewers' desk")
admin.site.site_title = _("Huiqi desk")
admin.site.index_title = _("My desk")
admin.site.site_url = "/"
admin.site.enable_nav_sidebar = False  # the tables need the room; the first page links everything
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.disable_action("delete_selected")
