"""The schema: without a warning, plain about refusals, to be read under the strict policy."""

import re
from typing import Any

from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers

from applicants.api.base import Input
from config.api_urls import urlpatterns
from tests import factories


def test_the_schema_is_valid_without_a_warning(db: None, tmp_path: Any) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "api.yaml"))
    assert (tmp_path / "api.yaml").stat().st_size > 10_000


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    schema = SchemaGenerator(patterns=None).get_schema(public=True)
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_documents_its_refusals(db: None) -> None:
    assert len(urlpatterns) > 40
    for path, method, operation in operations():
        told = set(operation["responses"])
        assert {"405", "406", "429"} <= told, (path, method)
        if {} not in operation.get("security", []):
            assert {"401", "403"} <= told, (path, method)
        if method in ("post", "patch"):
            assert "400" in told, (path, method)
        if "{" in path:
            assert "404" in told, (path, method)


def test_decisions_and_money_take_an_idempotency_key(db: None) -> None:
    keyed = {
        path
        for path, _method, operation in operations()
        if any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", []))
    }
    assert keyed == {
        "/api/applications/{id}/submit/",
        "/api/applications/{id}/withdraw/",
        "/api/batches/",
        "/api/batches/{id}/approve/",
        "/api/batches/{id}/cancel/",
        "/api/batches/{id}/export/",
        "/api/batches/{id}/results/",
        "/api/batches/{id}/settle/",
        "/api/cases/{id}/approve/",
        "/api/cases/{id}/assign/",
        "/api/cases/{id}/award/",
        "/api/cases/{id}/conclude/",
        "/api/cases/{id}/give-back/",
        "/api/cases/{id}/hand-back-to/",
        "/api/cases/{id}/hand-back/",
        "/api/cases/{id}/notes/",
        "/api/cases/{id}/take-task/",
        "/api/delegations/",
        "/api/holds/{id}/release/",
        "/api/party-changes/{id}/make/",
        "/api/recoveries/{id}/approve-reversal/",
        "/api/recoveries/{id}/drop-reversal/",
        "/api/recoveries/{id}/reverse-receipt/",
        "/api/score-sheets/{id}/hand-in/",
    }


def shown_serializers(kind: type = serializers.ModelSerializer) -> list[type]:
    return [
        one
        for child in kind.__subclasses__()
        if child.__module__.partition(".")[0] in ("applicants", "incentives", "reviews", "config")
        or child.__module__.startswith("rest_framework")
        for one in [child, *shown_serializers(child)]
    ]


def test_serializers_of_rows_list_their_fields_and_write_nothing() -> None:
    own = [one for one in shown_serializers() if ".api" in one.__module__]
    assert len(own) > 15
    for one in own:
        meta: Any = one.Meta
        assert isinstance(meta.fields, list), one
        assert meta.read_only_fields == meta.fields, one
        assert not issubclass(one, Input), one


def test_the_documentation_needs_no_inline_script_or_style(db: None) -> None:
    browser = Client()
    assert browser.get("/api/docs/").status_code in (401, 403)
    browser.force_login(factories.make_user())
    page = browser.get("/api/docs/")
    assert page.status_code == 200
    html = page.content.decode()
    assert re.findall(r"<style|<script>|style=|https?://|onload", html) == []
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "img-src 'self' data:" in policy
    assert "data:" not in browser.get("/api/schema/")["Content-Security-Policy"]
    script = re.findall(r'<script src="([^"]*docs[^"]*)"', html)
    assert browser.get(script[0])["Content-Type"].startswith("application/javascript")
