"""The columns of the tables of MASS-EX, and what stands for no stage."""

FINE_COLUMNS = ("custom_id", "Subject", "N", "Stage", "reasoning_text", "applicable_rules")
COARSE_COLUMNS = ("custom_id", "Subject", "N", "Stage", "applicable_rules")
LIGHTS_COLUMNS = ("Subject", "lights_off_s", "lights_on_s", "lights_off_from", "lights_on_from")
EPOCHS_COLUMNS = ("Subject", "N", "epoch", "onset_s", "original_stage")

UNSCORED_TEXT = "?"
