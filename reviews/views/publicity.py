"""The lists of intended awards that the city shows to everybody (公示)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from applicants.domain.names import public_name
from applicants.views.keyset import page_of
from reviews.domain import working_days
from reviews.domain.objections import open_to_objections
from reviews.domain.publicity_checks import totals
from reviews.models import PublicityNotice
from reviews.presenters.outcomes import intended

BESIDE = ("applicant", "programme", "version")


def notices(request: HttpRequest) -> HttpResponse:
    """Those running now on top; below, the archive of a year."""
    today = working_days.today()
    found = PublicityNotice.objects.select_related("bureau", "city")
    years = [day.year for day in PublicityNotice.objects.dates("starts_on", "year", order="DESC")]
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else None
    archive = found.filter(starts_on__year=year) if year else found.filter(ends_on__lt=today)
    page = page_of(request, archive)
    suffix = f"&year={year}" if year else ""
    context = {
        "running": found.filter(ends_on__gte=today).order_by("-id"),
        "archive": page.rows,
        "years": years,
        "year": year,
        "next_url": f"{page.next_url}{suffix}" if page.next_url else "",
        "first_url": f"{page.first_url}?{suffix.lstrip('&')}" if page.first_url else "",
    }
    return render(request, "cases/publicity.html", context)


def notice(request: HttpRequest, number: str) -> HttpResponse:
    found = get_object_or_404(
        PublicityNotice.objects.select_related("bureau", "city"), number=number
    )
    beside = (f"application__{one}" for one in BESIDE)
    items = list(found.items.select_related("notice", *beside).order_by("id"))
    rows = [
        (
            public_name(item.application.applicant),
            item.application.programme,
            intended(item.application, item.amount),
            item.pk if open_to_objections(item) else None,
        )
        for item in items
    ]
    context = {
        "notice": found,
        "rows": rows,
        "running": working_days.today() <= found.ends_on,
        "programmes": totals((item.application.programme, item.amount) for item in items),
    }
    return render(request, "cases/notice.html", context)
