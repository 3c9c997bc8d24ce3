from django.urls import path

from applicants.views import accounts, inbox, me, members, pages, parties, preferences

app_name = "applicants"
urlpatterns = [
    path("", pages.home, name="home"),
    path("text-size/", pages.text_size, name="text_size"),
    path("me/", me.me, name="me"),
    path("me/notices/", preferences.preferences, name="notice_preferences"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<int:pk>/", inbox.notice, name="notice"),
    path("parties/", parties.parties, name="parties"),
    path("parties/register/", parties.register_organisation, name="register_organisation"),
    path("parties/register-person/", parties.register_person, name="register_person"),
    path("parties/<int:pk>/", parties.party, name="party"),
    path("parties/<int:pk>/edit/", parties.edit, name="party_edit"),
    path("parties/<int:pk>/documents/", parties.documents, name="documents"),
    path("parties/<int:pk>/account/", accounts.change, name="bank_account"),
    path("parties/<int:pk>/members/", members.add, name="member_add"),
    path("parties/<int:pk>/members/<int:member>/end/", members.end, name="member_end"),
]
