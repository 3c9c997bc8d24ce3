from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.domain.users import edit_user
from applicants.forms.me import MyDetailsForm
from applicants.views.scope import SignedIn


@login_required
def me(request: SignedIn) -> HttpResponse:
    user = request.user
    form = MyDetailsForm.of(request, initial={"name": user.name, "language": user.language})
    if form.is_valid() and form.done(edit_user, user=user, **form.cleaned_data):
        messages.success(request, _("Your details are saved."))
        return redirect("applicants:me")
    return render(request, "applicants/me.html", {"form": form})
