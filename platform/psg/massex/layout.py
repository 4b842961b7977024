"""How MASS-EX tables are laid out: fine with rationales, coarse without, and what lies beside."""

FINE_COLUMNS = ("custom_id", "Subject", "N", "Stage", "reasoning_text", "applicable_rules")
COARSE_COLUMNS = ("custom_id", "Subject", "N", "Stage", "applicable_rules")
LIGHTS_COLUMNS = ("Subject", "lights_off_s", "lights_on_s", "lights_off_from", "lights_on_from")
EPOCHS_COLUMNS = ("Subject", "N", "epoch", "onset_s", "original_stage")

# The wide forms are read as the plain ones where East Asian input is set up.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def custom_id(subject: str, number: int, stage: str) -> str:
    return f"{subject}#{number}_{stage}"
