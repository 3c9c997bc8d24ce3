"""Pages of long tables without counting them to the end."""

from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest


class CappedPaginator(Paginator):
    """Counts at most `most` rows: beyond it a desk needs a filter, not another page."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list  # a queryset always
        return int(rows.order_by()[: self.most].count())


class KeysetList(ChangeList):
    """Newest first, page by page from `?before=<id>`; never counted, so any length is as fast.

    For admins with `change_list_template = "admin/keyset_list.html"`.
    """

    before = "before"

    def get_filters_params(self, params: Any = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        found.pop(self.before, None)
        return found

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        before = self.params.get(self.before, "")
        if str(before).isdecimal():
            rows = rows.filter(pk__lt=int(before))
        return rows.order_by("-pk")

    def get_results(self, request: HttpRequest) -> None:
        found = list(self.queryset[: self.list_per_page + 1])
        rows = found[: self.list_per_page]
        self.result_list = rows
        self.result_count = self.full_result_count = len(rows)
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False
        self.paginator = Paginator(rows, self.list_per_page)
        self.older_url = self.newest_url = ""
        if len(found) > len(rows):
            self.older_url = self.get_query_string({self.before: rows[-1].pk})
        if self.before in self.params:
            self.newest_url = self.get_query_string(remove=[self.before])
