from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applicants.domain import parties as verbs
from applicants.domain.documents import store
from applicants.domain.members import role_in
from applicants.forms.documents import UploadForm
from applicants.forms.parties import DetailsForm, OrganisationForm, PersonForm
from applicants.models import BankAccount, Document, Membership, Party
from applicants.models.party import MemberRole
from applicants.views.keyset import page_of
from applicants.views.scope import SignedIn, member_page, owner_page

SHOWN = 5  # documents on the party's own page; the rest have a page of their own


@login_required
def parties(request: SignedIn) -> HttpResponse:
    active = Membership.objects.filter(user=request.user, is_active=True)
    memberships = active.select_related("party__district").order_by("-party_id")
    return render(request, "applicants/parties.html", {"memberships": memberships})


@login_required
def register_organisation(request: SignedIn) -> HttpResponse:
    form = OrganisationForm.of(request)
    if form.is_valid():
        party = form.carry_out(verbs.register_organisation, user=request.user, **form.cleaned_data)
        if party:
            messages.success(request, _("%(name)s is registered.") % {"name": party})
            return redirect("applicants:party", party.pk)
    return render(request, "applicants/register_organisation.html", {"form": form})


@login_required
def register_person(request: SignedIn) -> HttpResponse:
    form = PersonForm.of(request)
    if form.is_valid():
        party = form.carry_out(verbs.register_person, user=request.user, **form.cleaned_data)
        if party:
            messages.success(request, _("%(name)s is registered.") % {"name": party})
            return redirect("applicants:party", party.pk)
    return render(request, "applicants/register_person.html", {"form": form})


@member_page
def party(request: SignedIn, party: Party) -> HttpResponse:
    members = Membership.objects.filter(party=party, is_active=True)
    context = {
        "party": party,
        "is_owner": role_in(party=party, user=request.user) == MemberRole.OWNER,
        "account": BankAccount.objects.filter(party=party, is_current=True).first(),
        "members": members.select_related("user").order_by("-role", "id"),
        "documents": Document.objects.filter(party=party)[:SHOWN],
    }
    return render(request, "applicants/party.html", context)


@owner_page
def edit(request: SignedIn, party: Party) -> HttpResponse:
    standing = {field: getattr(party, field) for field in verbs.EDITABLE}
    form = DetailsForm.of(request, initial=standing)
    given = {"party": party, "user": request.user}
    if form.is_valid() and form.done(verbs.edit_party, **given, **form.cleaned_data):
        messages.success(request, _("The details are saved."))
        return redirect("applicants:party", party.pk)
    return render(request, "applicants/party_edit.html", {"party": party, "form": form})


@member_page
def documents(request: SignedIn, party: Party) -> HttpResponse:
    form = UploadForm.of(request)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        document = form.carry_out(store, party=party, upload=upload, user=request.user)
        if document:
            messages.success(request, _("“%(name)s” is stored.") % {"name": document})
            return redirect("applicants:documents", party.pk)
    rows = Document.objects.filter(party=party).select_related("uploaded_by")
    page = page_of(request, rows, by="uploaded_at")
    return render(
        request, "applicants/documents.html", {"party": party, "form": form, "page": page}
    )
