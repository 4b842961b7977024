"""The AASM reader as adapter: replies in the published form, parsed like those of models."""

from inference.adapters import NightToScore, load_adapter
from inference.bundles import read_bundle
from inference.parsing import ParsedReply, parse_reply
from inference.registry.bundles import built_in_folder
from psg.montage import DERIVATIONS
from psg.night import ArrayNight
from psg.rules.editions import get_edition
from psg.rules.reader import read_night


def test_every_reading_goes_through_the_parser_unchanged(noise_epochs):
    night = ArrayNight(DERIVATIONS, noise_epochs)
    adapter = load_adapter(read_bundle(built_in_folder("rules")))
    replies = [r for group in adapter.replies(NightToScore("n", night), range(10)) for r in group]
    assert [reply.epoch for reply in replies] == list(range(10))
    for reply, reading in zip(replies, read_night(night), strict=True):
        parsed = parse_reply(reply.text, rule_ids=get_edition().rule_ids)
        assert isinstance(parsed, ParsedReply)
        assert parsed.stage == reading.stage
        assert (parsed.rules, parsed.rationale) == (tuple(reading.rules), reading.rationale)
        assert list(reply.evidence) == list(reading.evidence)


def test_another_night_is_read_anew_and_part_of_one_reads_like_the_whole(noise_epochs):
    adapter = load_adapter(read_bundle(built_in_folder("rules")))
    quiet = NightToScore("quiet", ArrayNight(DERIVATIONS, noise_epochs[:4] * 0))
    loud = NightToScore("loud", ArrayNight(DERIVATIONS, noise_epochs[:4]))
    texts = [next(iter(adapter.replies(night, [2])))[0].text for night in (quiet, loud, quiet)]
    assert texts[0] == texts[2] != texts[1]


def test_a_night_without_chin_is_still_read(noise_epochs):
    night = NightToScore("no chin", ArrayNight(DERIVATIONS[:-1], noise_epochs[:3, :-1]))
    adapter = load_adapter(read_bundle(built_in_folder("rules")))
    assert len(next(iter(adapter.replies(night, [0, 1, 2])))) == 3
