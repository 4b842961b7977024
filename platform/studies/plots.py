"""What a page with plots needs."""

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpResponseBase

View = Callable[..., HttpResponseBase]
# Plotly's bundle inserts style elements. Inline scripts and style attributes stay forbidden.
with_plots: Callable[[View], View] = csp_update({"style-src-elem": [SELF, UNSAFE_INLINE]})
