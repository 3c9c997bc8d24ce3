from typing import Any

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView


# Swagger's own style sheet draws its arrows from data: URLs.
@method_decorator(csp_update({"img-src": "data:"}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The schema to read and to try; its script is a file, as the policy wants it."""

    template_name = "api_docs.html"


@extend_schema(exclude=True)
class NoSuchAddress(APIView):
    """A wrong address under /api/ is answered in JSON too."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound(_("There is no such address; each of the API's ends in a slash."))
