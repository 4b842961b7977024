"""What a model is told: the system prompt and the words around the three images."""

from inference.prompts.prompt import (
    PUBLISHED_LABELS,
    Prompt,
    Track,
    fill_prompt,
    shipped_prompt,
    stage_condition,
)

__all__ = [
    "PUBLISHED_LABELS",
    "Prompt",
    "Track",
    "fill_prompt",
    "shipped_prompt",
    "stage_condition",
]
