"""What is counted of the statements in rationales."""

from inference.training.evaluation.counting import claim_outcomes
from psg.claims import measure_night
from psg.stages import Stage
from tests.helpers.evaluated_nights import answers, reference, reply


def test_what_is_said_of_another_epoch_is_told_apart_from_what_was_not_understood():
    night = reference([Stage.N2, Stage.N2])
    words = "No spindles. The epoch before is N2. Looks fine to me."
    written = answers({1: reply("N2", words=words), 0: "not a reply"}, 2)
    result = claim_outcomes(measure_night(night.night.signals), written)
    assert (result["of_another_epoch"], result["unread"]) == (1, 1)
    assert result.total() == 3
