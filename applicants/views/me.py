from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.domain.users import edit_user
from applicants.forms.me import MyDetailsForm


@login_required
def me(request: HttpRequest) -> HttpResponse:
    user = request.user
    form = MyDetailsForm(
        request.POST or None, initial={"name": user.name, "language": user.language}
    )
    if form.is_valid() and form.carry_out(edit_user, user=user, **form.cleaned_data):
        messages.success(request, _("Your details are saved."))
        return redirect("applicants:me")
    return render(request, "applicants/me.html", {"form": form})
