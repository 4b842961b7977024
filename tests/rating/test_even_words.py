"""Layout and signs go; what is said stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.rating.drawing import evened


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Alpha  rhythm\nover O2.", "Alpha rhythm over O2."),
        ("**Spindle** in `C4-M1`, 12.3–13.1 s.", "Spindle in C4-M1, 12.3-13.1 s."),
        ("## Evidence\n\n- Spindle at 4 s\n- No arousal\n\nSo N2.",
         "Evidence. Spindle at 4 s. No arousal. So N2."),
        ("1. LAMF.\n2. Low chin tone", "LAMF. Low chin tone."),
        ("F4\u2011M1 at 80 µV, “slow” wave…", "F4-M1 at 80 μV, \"slow\" wave..."),
        ("Amplitude 38uV, 50%, then 40 uV at 2Hz", "Amplitude 38 μV, 50 %, then 40 μV at 2 Hz."),
        ("```\nN2 after all\n```", "N2 after all."),
        ("a\u200bb\u00a0c", "ab c."),
        ("2.5 * 3 * 4 stays; so does x_y_z.", "2.5 * 3 * 4 stays; so does x_y_z."),
        ("5*3*2 (see *above*)", "5*3*2 (see above)."),
        ("At 3. a wave", "At 3. a wave."),
    ],
)  # fmt: skip
def test_layout_goes_and_words_stay(written, shown):
    assert evened(written) == shown


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_what_is_even_stays_so_and_is_one_line(text):
    once = evened(text)
    assert "\n" not in once
    assert "  " not in once
    assert once == once.strip()
