"""The signals that people look at before the import, of files that hold odd numbers."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from psg.errors import RefusedError
from recordings.intake import signals
from recordings.intake.signals import signals_json, write_signals
from tests.helpers.signal_files import ArrayFile


class OddFile(ArrayFile):
    """A minute with numbers that are none, and a channel of a sample in 100 s."""

    def __init__(self) -> None:
        odd = np.zeros(60 * 100)
        odd[::3], odd[1::3], odd[2::3] = np.nan, np.inf, 50.0
        super().__init__({"C4": odd, "Temp": np.zeros(60 * 100)}, 100.0)
        self.channels = (self.channels[0], replace(self.channels[1], sfreq_hz=0.01))

    def sample_count(self, channel_index):
        return round(self.duration_s * self.channels[channel_index].sfreq_hz)

    def read_digital(self, channel_index, first=0, stop=None):
        assert stop > first
        return super().read_digital(channel_index, first, stop)


@pytest.fixture
def night(tmp_path, monkeypatch) -> SimpleNamespace:
    path = tmp_path / "night.preview"
    write_signals(OddFile(), path)
    monkeypatch.setattr(signals, "preview_path", lambda file: path)
    return SimpleNamespace(file=object())


@pytest.mark.parametrize("window", ["0", "3"])
def test_what_is_no_number_is_shown_as_zero_and_slow_channels_are_empty(night, window):
    shown = signals_json(night, window)
    json.dumps(shown, allow_nan=False)
    odd, slow = (channel["values"] for channel in shown["channels"])
    assert set(odd) == {0.0, 50.0}
    assert slow == []


@pytest.mark.parametrize("window", ["00019", "4", "-1", "", "٣", "1e0", "9" * 5000])
def test_other_windows_are_refused(night, window):
    with pytest.raises(RefusedError, match="Window must be 0 to 3"):
        signals_json(night, window)
