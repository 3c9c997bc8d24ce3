from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView


# Swagger's own style sheet draws its arrows from data: URLs.
@method_decorator(csp_update({"img-src": "data:"}), name="dispatch")
class DocsView(SpectacularSwaggerSplitView):
    """The schema to read and to try; its script is a file, as the policy wants it."""

    template_name = "api_docs.html"
