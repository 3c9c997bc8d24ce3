from django.urls import URLPattern, path

from incentives.views import eligibility, profile, programmes, registers, schema, targets

app_name = "programmes"
urlpatterns: list[URLPattern] = [
    path("schema/programme.json", schema.programme_schema, name="schema"),
    path("programmes/", programmes.programme_list, name="list"),
    path("programmes/<slug:city>/<slug:code>/", programmes.page, name="page"),
    path("registers/", registers.registers, name="registers"),
    path("registers/<slug:city>/<slug:title>/", registers.one_list, name="register"),
    path("registers/<slug:city>/<slug:title>.csv", registers.download, name="register_csv"),
    path("held/<int:pk>/", registers.held, name="held"),
    path("held/<int:pk>/<int:entry>/", registers.held_entry, name="held_entry"),
    path("held/<int:pk>/<int:entry>/certificate/", registers.certificate, name="certificate"),
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
