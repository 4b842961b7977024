"""Scripts of a page, told to the browser at once instead of import by import."""

from functools import lru_cache

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def module_preloads(folder: str) -> SafeString:
    """Preload all modules of a folder below static/: without a build step imports go three deep."""
    links = ((static(path),) for path in _modules(folder))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


@lru_cache
def _modules(folder: str) -> tuple[str, ...]:
    root = settings.ROOT / "static"
    return tuple(str(path.relative_to(root)) for path in sorted((root / folder).glob("*.js")))
