from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applicants.domain.errors import Refused
from applicants.domain.members import add_member, end_membership
from applicants.forms.members import MemberForm
from applicants.models import Membership, Party
from applicants.views.scope import SignedIn, member_page, owner_page


@owner_page
def add(request: SignedIn, party: Party) -> HttpResponse:
    form = MemberForm.of(request)
    if form.is_valid():
        added = form.carry_out(add_member, party=party, user=request.user, **form.cleaned_data)
        if added:
            messages.success(request, _("%(user)s is a member now.") % {"user": added.user})
            return redirect("applicants:party", party.pk)
    return render(request, "applicants/member_add.html", {"party": party, "form": form})


@require_POST
@member_page
def end(request: SignedIn, party: Party, member: int) -> HttpResponse:
    try:
        ended = end_membership(party=party, membership_id=member, user=request.user)
    except Membership.DoesNotExist:
        raise Http404 from None
    except Refused as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("applicants:party", party.pk)
    messages.success(request, _("The membership of %(user)s has ended.") % {"user": ended.user})
    if ended.user_id == request.user.pk:
        return redirect("applicants:parties")
    return redirect("applicants:party", party.pk)
