"""Pages of long tables without counting them to the end."""

from functools import cached_property

from django.core.paginator import Paginator


class CappedPaginator(Paginator):
    """Counts at most `most` rows: beyond it a desk needs a filter, not another page."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        return int(self.object_list.order_by()[: self.most].count())
