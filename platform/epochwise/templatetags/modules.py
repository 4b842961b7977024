"""Preload links for all JavaScript modules of a page."""

import re
from functools import lru_cache
from pathlib import PurePosixPath

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";', re.MULTILINE)


@register.simple_tag
def module_preloads(*entries: str) -> SafeString:
    """Preload modules below static/ and their imports; otherwise they load level by level."""
    links = ((static(path),) for path in imported_modules(*entries))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)


@lru_cache
def imported_modules(*entries: str) -> tuple[str, ...]:
    """List the entries and all modules that they import, directly or indirectly.

    Parameters
    ----------
    entries
        Paths below static/, as ``js/scoring/main.js``.

    Returns
    -------
    tuple[str, ...]
        The same kind of paths, each once, in alphabetical order.

    Raises
    ------
    FileNotFoundError
        If a module or an imported module is missing.
    """
    modules: set[str] = set()
    waiting = list(entries)
    while waiting:
        path = waiting.pop()
        if path not in modules:
            modules.add(path)
            waiting += _imports_of(path)
    return tuple(sorted(modules))


def _imports_of(path: str) -> list[str]:
    text = (settings.ROOT / "static" / path).read_text()
    return [_resolved(PurePosixPath(path).parent, name) for name in _IMPORT.findall(text)]


def _resolved(folder: PurePosixPath, name: str) -> str:
    for part in PurePosixPath(name).parts:
        folder = folder.parent if part == ".." else folder / part
    return str(folder)
