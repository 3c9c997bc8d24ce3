from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Newest first, 50 a page; page 20,000 costs what page 1 costs."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
