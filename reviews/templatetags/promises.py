from django import template

from reviews.presenters import promises

register = template.Library()
register.simple_tag(promises.promised_papers)


@register.filter
def of_key(problems: dict[str, str] | str, key: str) -> str:
    """What was wrong with one paper; a page that knows of no problems has none."""
    return problems.get(key, "") if isinstance(problems, dict) else ""
