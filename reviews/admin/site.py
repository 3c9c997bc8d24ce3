"""The admin site itself: its name, and signing in through the portal's own door."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

assert auth_admin  # registers Group, which staff roles replace here
admin.site.unregister(Group)

admin.site.site_header = _("Huiqi · reviewers' desk")
admin.site.site_title = _("Huiqi desk")
admin.site.index_title = _("My desk")
admin.site.site_url = "/"
admin.site.login = secure_admin_login(admin.site.login)
admin.site.disable_action("delete_selected")
