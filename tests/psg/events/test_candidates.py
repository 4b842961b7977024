import numpy as np

from psg.events import DetectedEvent
from psg.events.measures import events_by_epoch, find_evidence, offered
from psg.events.registry import offered_ids
from psg.montage import DERIVATIONS, Derivation


class OneSpindle:
    """Three quiet epochs with a spindle over the edge of the first two, mostly in the second."""

    epoch_count = 3
    derivations = DERIVATIONS

    def __init__(self) -> None:
        signals = np.random.default_rng(5).normal(0, 2, (len(DERIVATIONS), 9000))
        wave = 40 * np.sin(2 * np.pi * 13 * np.arange(100) / 100) * np.hanning(100)
        signals[DERIVATIONS.index(Derivation.C4), 2980:3080] += wave
        self._epochs = signals.reshape(len(DERIVATIONS), 3, 3000).transpose(1, 0, 2)

    def read_uv(self, first: int, count: int) -> np.ndarray:
        return self._epochs[first : first + count].astype("float32")


def test_a_wave_over_the_edge_is_offered_once_where_most_of_it_lies():
    found = find_evidence(OneSpindle())
    spindles = [[e for e in events if e["kind"] == "spindle"] for events in found]
    assert [len(events) for events in spindles] == [0, 1, 0]
    assert spindles[1][0]["derivation"] == "C4-M1"
    assert 0 <= spindles[1][0]["start_s"] < spindles[1][0]["end_s"] < 1


def test_background_and_tone_are_judged_and_so_not_offered():
    measured = find_evidence(OneSpindle())
    candidates = [offered(evidence) for evidence in measured]
    assert {event["kind"] for events in measured for event in events} - offered_ids()
    assert {event["kind"] for events in candidates for event in events} <= offered_ids()
    assert {"theta", "chin_tone", "artefact"}.isdisjoint(offered_ids())
    assert [sorted(e, key=lambda event: event["start_s"]) for e in candidates] == candidates


def test_a_long_event_is_cut_at_the_edges_of_its_epochs_and_slivers_are_left_out():
    alpha = DetectedEvent("alpha", Derivation.O2, 20.0, 60.2)
    cut = events_by_epoch({"alpha": [alpha]}, 3)
    spans = [[(e.start_s, e.end_s) for e in kinds.get("alpha", [])] for kinds in cut]
    assert spans == [[(20.0, 30.0)], [(0.0, 30.0)], []]
