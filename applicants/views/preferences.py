from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.domain.preferences import choose, chosen_by
from applicants.forms.notices import NoticePreferenceForm
from applicants.views.scope import SignedIn


@login_required
def preferences(request: SignedIn) -> HttpResponse:
    user = request.user
    form = NoticePreferenceForm.of(request, initial=chosen_by(user))
    if form.is_valid() and form.done(choose, user=user, **form.cleaned_data):
        messages.success(request, _("From now on you are told this way."))
        return redirect("applicants:notice_preferences")
    return render(request, "applicants/notice_preferences.html", {"form": form})
