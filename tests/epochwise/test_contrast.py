"""Contrast of text in light and dark mode: WCAG 2.2 AA for all pairs of colours in use."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "static" / "css" / "tokens.css").read_text()
LEAST_FOR_TEXT = 4.5
LEAST_FOR_GRAPHICS = 3.0

TEXT_PAIRS = [
    *[
        (ink, ground)
        for ink in ("text", "muted", "accent", "danger", "warning")
        for ground in ("page", "surface", "sunken")
    ],
    ("text", "accent-soft"),
    ("accent", "accent-soft"),
    ("text", "danger-soft"),
    ("danger", "danger-soft"),
    ("text", "warning-soft"),
    ("warning", "warning-soft"),
    ("on-accent", "accent-fill"),
    ("trace-label", "trace-ground"),
    ("trace-reference", "trace-ground"),
    *[(f"on-stage-{stage}", f"stage-{stage}") for stage in ("w", "n1", "n2", "n3", "r")],
]
GRAPHIC_PAIRS = [
    *[(f"stage-{stage}", "page") for stage in ("n2", "n3")],
    *[(trace, "trace-ground") for trace in ("trace-line", "trace-eye", "trace-muscle")],
    ("trace-middle", "trace-ground"),
    ("hairline-strong", "page"),
]


def colour(name: str, theme: int) -> str:
    value = re.search(rf"--{name}: ([^;]+);", TOKENS)
    assert value, f"no colour --{name}"
    shades = re.findall(r"#[0-9a-f]{6}", value[1])
    return shades[theme] if len(shades) > 1 else shades[0]


def luminance(shade: str) -> float:
    channels = [int(shade[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground", "least"),
    [
        *[(*pair, LEAST_FOR_TEXT) for pair in TEXT_PAIRS],
        *[(*pair, LEAST_FOR_GRAPHICS) for pair in GRAPHIC_PAIRS],
    ],
)
def test_colours_that_meet_can_be_told_apart(ink: str, ground: str, least: float, theme: int):
    assert contrast(colour(ink, theme), colour(ground, theme)) >= least
