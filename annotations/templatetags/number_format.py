"""Numbers as pages show them: percentages, signed differences, positions on a scale."""

from django import template

register = template.Library()


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    """Format a share as a percentage, without the sign."""
    return "" if share is None else f"{100 * share:.{digits}f}"


@register.filter
def signed(value: float | None, digits: int = 1) -> str:
    """Format a difference with its sign."""
    return "" if value is None else f"{value:+.{digits}f}".replace("-", "−")


@register.filter
def across(share: float | None, width: int) -> float:
    """Return the position of a share on a scale of that width; a negative share is at 0."""
    return round(width * min(max(share or 0.0, 0.0), 1.0), 1)
