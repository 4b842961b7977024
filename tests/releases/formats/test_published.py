"""The published layout: bytes of both kinds of samples, as hand-made lines have them."""

import json

import numpy as np
import pytest
from PIL import Image

from annotations.releases.composition import ReleaseSource
from annotations.releases.copies import rebuild_release
from annotations.releases.formats.published import bands_reply
from annotations.releases.verifying import verify_release
from annotations.scoring.models import EpochScore
from psg.features import second_features
from psg.montage import DERIVATIONS, Derivation
from psg.render import EpochRenderer
from psg.signalstore import SignalStore
from recordings.models import Recording
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db

SFT_LINE = (
    '{{"id": "01-03-0001#1_N1", "messages": [{{"role": "system", "content": {system}}},'
    ' {{"role": "user", "content": [{{"type": "text", "text": "Preceding epoch N\u20111: "}},'
    ' {{"type": "image", "image": "MASS/SS3/images/01-03-0001/0_W.png"}},'
    ' {{"type": "text", "text": "**Target epoch N**: "}},'
    ' {{"type": "image", "image": "MASS/SS3/images/01-03-0001/1_N1.png"}},'
    ' {{"type": "text", "text": "Subsequent epoch N+1: "}},'
    ' {{"type": "image", "image": "MASS/SS3/images/01-03-0001/2_N2.png"}}]}},'
    ' {{"role": "assistant", "content": "```json\\n{{\\n'
    '  \\"reasoning_text\\": \\"He said \\\\\\"no\\\\\\", then slept.\\",\\n'
    '  \\"applicable_rules\\": [\\"N1.1\\", \\"N2.4\\"],\\n'
    '  \\"sleep_stage\\": \\"N1\\"\\n}}\\n```"}}]}}'
)
"""A line written by hand; braces are doubled for `format`."""


@pytest.fixture
def published(settled, frozen, unzipped):
    """Freeze in the published layout, and unzip: `published(track="coarse")`."""

    def freeze(version: str = "1.0.0", **changes: object):
        return unzipped(frozen(version, with_published=True, **changes))

    return freeze


def _lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_sample_for_fine_tuning_has_the_published_bytes(settled, published):
    settled("01-03-0001")
    EpochScore.objects.filter(epoch=1).update(
        rationale='He said "no",\nthen slept.', rules=["N1.1", "N2.4"]
    )
    folder = published() / "published" / "consensus"
    system = (folder.parent.parent / "sft" / "prompt.fine.md").read_text("utf-8")
    lines = (folder / "sft" / "all.fine.jsonl").read_text("utf-8").splitlines()
    assert lines[0] == SFT_LINE.format(system=json.dumps(system, ensure_ascii=False))


def test_rows_are_joined_and_the_first_and_the_last_have_no_sample(settled, published):
    settled("Night 1")  # its fifth epoch has no stage
    EpochScore.objects.filter(epoch=2).update(rules=[])
    EpochScore.objects.filter(epoch=6).update(rationale="")
    folder = published() / "published" / "consensus"
    samples = _lines(folder / "sft" / "all.fine.jsonl")
    assert [sample["id"] for sample in samples] == [
        f"Night 1#{name}" for name in ("1_N1", "3_N2", "4_N3", "6_R", "7_R")
    ]
    after_the_gap = [part for part in samples[2]["messages"][1]["content"] if "image" in part]
    assert [part["image"] for part in after_the_gap] == [
        f"night-study/images/Night_1/{name}.png" for name in ("3_N2", "4_N3", "5_N3")
    ]
    assert not (folder / "wpt").exists()


def test_coarse_samples_have_no_rationale_and_the_coarse_prompt(settled, published):
    settled("Night 1")
    folder = published(track="coarse")
    (sample, *_) = _lines(folder / "published" / "consensus" / "sft" / "all.coarse.jsonl")
    system, _, reply = sample["messages"]
    assert system["content"] == (folder / "sft" / "prompt.coarse.md").read_text("utf-8")
    assert reply["content"] == (
        '```json\n{\n  "applicable_rules": ["N1.1"],\n  "sleep_stage": "N1"\n}\n```'
    )


def test_samples_for_pre_training_have_a_line_a_channel_and_a_list_a_second():
    epoch_uv = np.random.default_rng(7).normal(0, 20, (6, 3000)).astype(np.float32)
    epoch_uv[5] = -0.01
    reply = bands_reply(epoch_uv, DERIVATIONS)
    lines = reply.splitlines()
    assert lines[:2] == ["```json", "{"]
    assert lines[-2:] == ["}", "```"]
    keys = ["F4\u2011M1", "C4\u2011M1", "O2\u2011M1", "LOC", "ROC", "Chin"]
    assert [line.split(":")[0] for line in lines[2:-2]] == [f'  "{key}"' for key in keys]
    assert lines[-3] == f'  "Chin": [{", ".join(["[0.0]"] * 30)}]'
    features = second_features(epoch_uv[None], DERIVATIONS)
    values = json.loads("\n".join(lines[1:-1]))
    for row, key in enumerate(keys[:5]):
        expected = np.column_stack([features.band_power_db[0, row], features.mav_uv[0, row]])
        assert np.abs(np.array(values[key]) - expected).max() <= 0.0501
        first = ",".join(f"{number:.1f}" for number in values[key][0])
        assert lines[2 + row].startswith(f'  "{key}": [[{first}], [')
    assert "-0.0" not in bands_reply(np.full((1, 3000), -1e-6), [Derivation.CHIN])


def test_images_have_published_names_and_each_has_a_sample_for_pre_training(
    open_study, make_noise_night, frozen, unzipped, tmp_path
):
    open_study.may_release_images = True
    open_study.save()
    night = make_noise_night(name="01-03-0007")
    finished_scoring(night, "Anna", ["W", None, "N2", "N2", None, "R", "R", None, None, "W"])
    release = frozen("1.0.0", source=ReleaseSource.ALL, with_images=True, with_published=True)
    (folder,) = (unzipped(release) / "published").iterdir()
    samples = _lines(folder / "wpt" / "all.jsonl")
    kept = {"0_W": 0, "1_N2": 2, "2_N2": 3, "3_R": 5, "4_R": 6, "5_W": 9}
    with SignalStore.open(Recording.objects.get().signals_file.path) as store:
        for sample, (name, epoch) in zip(samples, kept.items(), strict=True):
            assert sample["id"] == f"01-03-0007#{name}"
            text, image = sample["messages"][1]["content"]
            assert text["text"] == (
                "Analyze this 30-second PSG waveform image and estimate the band power:"
            )
            epoch_uv = store.read_uv(epoch, 1)[0]
            drawn = EpochRenderer().render(epoch_uv, store.derivations)
            assert image["image"] == f"MASS/SS3/images/01-03-0007/{name}.png"
            assert np.array_equal(np.asarray(Image.open(folder / image["image"])), drawn)
            assert sample["messages"][2]["content"] == bands_reply(epoch_uv, store.derivations)
    rebuild_release(release=release, folder=tmp_path / "again")
    assert verify_release(release=release).is_good


def test_a_release_without_the_published_layout_does_not_mention_it(settled, frozen, unzipped):
    settled("Night 1")
    folder = unzipped(frozen("1.0.0"))
    assert not (folder / "published").exists()
    assert "published" not in (folder / "README.md").read_text("utf-8")
    assert "with_published" not in (folder / "manifest.json").read_text("utf-8")
