from django.urls import URLPattern, path

from incentives.views import eligibility, profile, programmes, targets

app_name = "programmes"
urlpatterns: list[URLPattern] = [
    path("programmes/", programmes.programme_list, name="list"),
    path("programmes/<slug:city>/<slug:code>/", programmes.page, name="page"),
    path("targets/", targets.target_list, name="targets"),
    path("targets/export.<slug:form>", targets.export, name="targets_export"),
    path("targets/<slug:city>/<slug:code>/", targets.page, name="target"),
    path("profile/<int:pk>/", profile.profile, name="profile"),
    path("eligibility/", eligibility.overview, name="eligibility"),
    path(
        "programmes/<slug:city>/<slug:code>/eligibility/",
        eligibility.one_programme,
        name="eligibility_of",
    ),
]
