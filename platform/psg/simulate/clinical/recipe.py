"""What clinical nights are made of."""

from __future__ import annotations

from psg.simulate.clinical.disturbances import (
    add_large_movements,
    add_much_sweat,
    add_muscle,
    add_noted_heart,
)
from psg.simulate.clinical.eyes import add_clinical_eye_movements
from psg.simulate.clinical.stages import CLINICAL_STAGES, draw_reference
from psg.simulate.clinical.subject import draw_clinical_subject
from psg.simulate.clinical.waves import add_clinical_background, add_lone_waves, add_sigma_bursts
from psg.simulate.recipe import PLAIN, Recipe

CLINICAL = Recipe(
    draw_subject=draw_clinical_subject,
    stages=CLINICAL_STAGES,
    generators={
        **PLAIN.generators,
        "background": add_clinical_background,
        "lone waves": add_lone_waves,
        "sigma bursts": add_sigma_bursts,
        "eyes": add_clinical_eye_movements,
        "muscle": add_muscle,
        "movements": add_large_movements,
        "sweat": add_much_sweat,
    },
    add_heart=add_noted_heart,
    draw_reference=draw_reference,
)
