"""Freezing, rebuilding, verifying, comparing and withdrawing."""

import json

import pytest
import yaml
from django.core.management import CommandError, call_command

from annotations.releases import card
from annotations.releases.composition import Composition, ReleaseSource
from annotations.releases.copies import rebuild_release
from annotations.releases.lifecycle import (
    ReleaseRefusedError,
    ask_to_freeze,
    change_release,
    next_version,
    withdraw_release,
)
from annotations.releases.models import Release
from annotations.releases.rebuilding import DataChangedError
from annotations.releases.verifying import diff_of, opened, verify_release
from annotations.releases.work import RELEASES
from annotations.scoring.assignments import reopen
from annotations.scoring.models import EpochScore, Scorer
from recordings.models import Recording
from tests.helpers.adjudications import finished_scoring
from tests.helpers.releases import freeze

pytestmark = pytest.mark.django_db


def files_of(release: Release) -> dict[str, bytes]:
    with opened(release) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_release_rebuilt_from_its_manifest_has_the_same_bytes(settled, frozen, tmp_path):
    for n in range(1, 5):
        settled(f"01-000{n}")
    release = frozen("1.0.0", shares={"train": 50, "test": 50}, authors=("Doe, Jo",))
    rebuild_release(release=release, folder=tmp_path / "again")
    again = {
        str(path.relative_to(tmp_path / "again")): path.read_bytes()
        for path in (tmp_path / "again").rglob("*")
        if path.is_file()
    }
    assert again == files_of(release)
    assert verify_release(release=release).is_good
    cited = yaml.safe_load(again["CITATION.cff"])
    assert (cited["version"], cited["authors"][0]["family-names"]) == ("1.0.0", "Doe")
    assert b"| train | 2 | 4 | 2 | 4 | 4 | 4 | 18 |" in again["README.md"]


def test_the_manifest_names_editions_hashes_and_licence_and_no_person(settled, frozen, expert):
    by_expert = finished_scoring(settled("01-0001").recording, "Reader", ["W"], user=expert)
    Scorer.objects.filter(pk=by_expert.scorer_id).update(label="Dorothea Quillfeather")
    release = frozen("1.0.0", source=ReleaseSource.ALL)
    manifest = release.manifest
    assert manifest["licence"] == "CC BY 4.0"
    assert manifest["renderer_version"]
    assert len(manifest["prompts"]["fine"]["sha256"]) == 64
    assert manifest["rule_editions"]
    everything = b"".join(files_of(release).values())
    assert b"massex/expert-1" in b"".join(n.encode() for n in files_of(release))
    for name in (b"Dorothea", b"dquillfeather"):
        assert name not in everything


def test_of_two_people_who_freeze_at_once_the_second_is_told_who_was_first(
    settled, draft_release, lead
):
    settled("01-0001")
    release = draft_release()
    seen = release.preview["sha256"]
    ask_to_freeze(release=release, version="1.0.0", seen_sha256=seen, user=lead)
    with pytest.raises(
        ReleaseRefusedError, match=f"{lead} is already freezing this release as 1.0.0"
    ):
        ask_to_freeze(release=release, version="1.1.0", seen_sha256=seen, user=None)
    assert RELEASES.claim(release.pk)
    assert RELEASES.claim(release.pk) is None


def test_a_scoring_reopened_after_the_preview_stops_the_freeze_and_is_named(
    settled, draft_release, lead
):
    first, _ = settled("01-0001"), settled("01-0002")
    release = draft_release()
    reopen(scoring=first, user=lead, reason="A slip.")
    seen = release.preview["sha256"]
    ask_to_freeze(release=release, version="1.0.0", seen_sha256=seen, user=lead)
    RELEASES.run(release.pk)
    release.refresh_from_db()
    assert release.state == Release.State.DRAFT
    assert release.version == ""
    assert not release.file
    assert "Changed since the preview: 01-0001 by consensus" in release.error


def test_a_leave_taken_back_after_the_preview_stops_the_freeze(settled, draft_release, open_study):
    settled("01-0001")
    open_study.may_release_images = True
    open_study.save()
    release = draft_release(with_images=True)
    open_study.may_release_images = False
    open_study.save()
    with pytest.raises(ReleaseRefusedError, match="Changed since the preview: images"):
        freeze(release, "1.0.0")


def test_a_leave_taken_back_after_freezing_stops_what_carries_it(
    settled, frozen, open_study, tmp_path
):
    settled("01-0001")
    words, stages = frozen("1.0.0"), frozen("1.1.0", track="coarse")
    open_study.may_release_words = False
    open_study.save()
    words.refresh_from_db()
    with pytest.raises(ReleaseRefusedError, match="contains words"):
        rebuild_release(release=words, folder=tmp_path / "words")
    assert rebuild_release(release=stages, folder=tmp_path / "stages")


def test_a_preview_that_somebody_changed_is_not_frozen_unseen(settled, draft_release):
    settled("01-0001")
    release = draft_release()
    seen = release.preview["sha256"]
    settled("01-0002")
    change_release(release=release, title="More", composition=_composition(release), user=None)
    with pytest.raises(ReleaseRefusedError, match="changed in another window"):
        ask_to_freeze(release=release, version="1.0.0", seen_sha256=seen, user=None)


def _composition(release: Release) -> Composition:
    return Composition.from_json(release.composition)


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0-a", "01.0.0", "1.0.0", "0.9.0"])
def test_versions_are_semantic_and_only_rise(settled, draft_release, frozen, version, open_study):
    settled("01-0001")
    frozen("1.0.0")
    again = draft_release()
    with pytest.raises(ReleaseRefusedError):
        freeze(again, version)
    assert next_version(open_study) == "1.1.0"


def test_a_frozen_release_cannot_be_changed_and_is_withdrawn_with_a_reason(settled, frozen):
    settled("01-0001")
    release = frozen("1.0.0")
    with pytest.raises(ReleaseRefusedError, match="cannot be changed"):
        change_release(release=release, title="x", composition=_composition(release), user=None)
    with pytest.raises(ReleaseRefusedError, match="Enter a reason"):
        withdraw_release(release=release, reason=" ", user=None)
    withdraw_release(release=release, reason="Night 1 was turned round.", user=None)
    release.refresh_from_db()
    assert release.state == Release.State.WITHDRAWN
    assert verify_release(release=release).is_good


def test_data_changed_after_freezing_is_told_and_nothing_is_rebuilt(settled, frozen, tmp_path):
    scoring = settled("01-0001")
    settled("01-0002")
    release = frozen("1.0.0")
    EpochScore.objects.filter(scoring=scoring, epoch=2).update(stage="N3")
    Recording.objects.filter(name="01-0002").update(epoch0_s=0)
    assert verify_release(release=release).data == [
        "01-0001 by consensus: epoch 2 has changed",
        "01-0002 by consensus: epoch0 s was 12.5, is 0.0",
    ]
    with pytest.raises(DataChangedError):
        rebuild_release(release=release, folder=tmp_path / "out")
    assert list(tmp_path.glob("out*")) == []
    Recording.objects.filter(name="01-0002").update(name="renamed")
    assert "there is no such scoring" in verify_release(release=release).data[-1]


def test_files_that_would_come_out_otherwise_are_named_and_not_written(
    settled, frozen, tmp_path, monkeypatch
):
    settled("01-0001")
    release = frozen("1.0.0")
    release.manifest["software"]["zlib"] = "0.9"
    monkeypatch.setattr(card, "LAYOUT", {})
    said = "yet README.md, croissant.json, manifest.json would not be.*zlib was 0.9"
    with pytest.raises(DataChangedError, match=said):
        rebuild_release(release=release, folder=tmp_path / "out")
    assert list(tmp_path.glob("out*")) == []


def test_a_file_that_was_tampered_with_is_found(settled, frozen):
    settled("01-0001")
    release = frozen("1.0.0")
    with open(release.file.path, "r+b") as file:
        file.seek(60)
        file.write(b"X")
    assert verify_release(release=release).file != []


def test_a_diff_counts_rows_and_names_subjects_that_changed_parts(settled, frozen, draft_release):
    first = settled("01-0001")
    settled("01-0002")
    old = frozen("1.0.0", given_parts={"01-0001": "train", "01-0002": "test"})
    EpochScore.objects.filter(scoring=first, epoch=0).update(stage="N1")
    settled("01-0003")
    parts = {"01-0001": "test", "01-0002": "train", "01-0003": "train"}
    new = frozen("1.1.0", given_parts=parts, left_out_flags=("artefact",))
    diff = diff_of(old=old, new=new).as_json()
    assert (diff["same"], diff["changed"], diff["added"], diff["removed"]) == (17, 1, 9, 0)
    assert {move["subject"] for move in diff["moved"]} == {"01-0001", "01-0002"}
    back = diff_of(old=new, new=old).as_json()
    assert (back["changed"], back["added"], back["removed"]) == (1, 0, 9)


def test_the_commands_go_from_draft_to_verdict(settled, open_study, tmp_path, capsys):
    scoring = settled("01-0001")
    settled("01-0002")

    def release(*words: str) -> dict:
        call_command("release", *words, "--study", open_study.slug, "--json")
        return json.loads(capsys.readouterr().out)

    made = release("create", "--title", "Nights", "--split", "50", "0", "50", "--seed", "7")
    assert made["epochs"] == 18
    assert release("freeze", str(made["draft"]))["version"] == "1.0.0"
    out = tmp_path / "out"
    sums = release("export", "1.0.0", "--out", str(out))["files"]
    assert (out / "manifest.json").exists()
    assert len(sums) == len([path for path in out.rglob("*") if path.is_file()]) - 1
    assert release("verify", "1.0.0") == {"is_good": True, "file": [], "data": []}
    EpochScore.objects.filter(scoring=scoring, epoch=0).update(stage="N1")
    again = release("create", "--title", "Nights")
    release("freeze", str(again["draft"]), "--version", "2.0.0")
    assert release("diff", "1.0.0", "2.0.0")["changed"] == 1
    with pytest.raises(CommandError, match="differ from what was frozen"):
        release("verify", "1.0.0")
    assert "epoch 0 has changed" in capsys.readouterr().out
    assert release("withdraw", "1.0.0", "--reason", "Wrong")["state"] == "withdrawn"
