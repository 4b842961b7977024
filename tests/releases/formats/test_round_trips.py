"""Every other format, read by the library it is made for, says what the scoring says."""

import json

import edfio
import mne
import numpy as np
import pandas as pd
import pytest
import yasa

from annotations.exchange.massex_files import read_massex
from annotations.scoring.models import EpochScore
from inference.parsing.reply import parse_reply
from psg.rules.editions import DEFAULT_EDITION, get_edition

pytestmark = pytest.mark.django_db
YASA_WORDS = {"WAKE": "W", "N1": "N1", "N2": "N2", "N3": "N3", "REM": "R", "UNS": None}
TEXTS = {"dtype": str, "keep_default_na": False}


@pytest.fixture
def nights(scores):
    """Scores by epoch of every night, as (recording, scorer) to {epoch: score}."""
    found: dict[tuple[str, str], dict[int, EpochScore]] = {}
    for (recording, scorer, epoch), score in scores().items():
        found.setdefault((recording, scorer), {})[epoch] = score
    return found


def test_massex_csv_by_pandas_and_by_the_import_of_this_site(folder, nights):
    for (night, scorer), scores in nights.items():
        below = folder / "massex" / scorer / "annotations"
        [path] = below.glob(f"*/{night}.csv")
        epochs = pd.read_csv(below / "epochs.csv", **TEXTS)
        kept = epochs[(epochs["Subject"] == night) & (epochs["N"] != "")]
        assert [int(epoch) for epoch in kept["epoch"]] == list(scores)
        table = pd.read_csv(path, **TEXTS)
        imported = read_massex(path)
        for row, read, score in zip(
            table.to_dict("records"), imported, scores.values(), strict=True
        ):
            words, rules = row["reasoning_text"], row["applicable_rules"]
            assert row["custom_id"] == f"{night}#{row['N']}_{score.stage}"
            assert (row["Stage"], words) == (score.stage, score.rationale)
            assert rules == ", ".join(score.rules)
            assert (read.stage, read.rationale, list(read.rules)) == (
                score.stage,
                score.rationale,
                score.rules,
            )
            assert str(read.number) == row["N"]


def test_stage_files_by_yasa_edfio_and_mne(folder, nights):
    for (night, scorer), scores in nights.items():
        stages = [scores[n].stage if n in scores else None for n in range(10)]
        codes = np.loadtxt(folder / "hypnograms" / scorer / f"{night}.txt", dtype=int)
        hypnogram = yasa.Hypnogram.from_integers(codes)
        assert [YASA_WORDS[word] for word in hypnogram.hypno] == stages
        path = folder / "edf" / scorer / f"{night}.edf"
        expected = [
            (12.5 + 30 * n, 30.0, f"Sleep stage {stage or '?'}") for n, stage in enumerate(stages)
        ]
        by_edfio = [(a.onset, a.duration, a.text) for a in edfio.read_edf(path).annotations]
        by_mne = mne.read_annotations(path)
        assert by_edfio == expected
        assert [(a["onset"], a["duration"], str(a["description"])) for a in by_mne] == expected


def test_bids_events_by_pandas_with_a_word_on_every_column(folder, nights):
    root = folder / "bids"
    described = json.loads((root / "dataset_description.json").read_text())
    assert {"Name", "BIDSVersion", "DatasetType", "GeneratedBy"} <= set(described)
    for (night, scorer), scores in nights.items():
        [path] = root.glob(f"sub-*/ses-{night.replace('-', '')}/eeg/*_desc-{scorer}_events.tsv")
        table = pd.read_csv(path, sep="\t", **TEXTS)
        assert set(json.loads(path.with_suffix(".json").read_text())) == set(table.columns)
        rows = table.to_dict("records")
        assert [float(row["onset"]) for row in rows] == [12.5 + 30 * n for n in scores]
        for row, score in zip(rows, scores.values(), strict=True):
            assert row["stage"] == score.stage
            assert row["rules"] == (",".join(score.rules) or "n/a")
            assert row["rationale"] == (" ".join(score.rationale.split()) or "n/a")


def test_samples_reply_as_the_scoring_says_and_leave_out_what_teaches_nothing(folder, nights):
    samples = [
        (part, json.loads(line))
        for part in ("train", "test")
        for line in (folder / "sft" / f"{part}.fine.jsonl").read_bytes().split(b"\n")[:-1]
    ]
    assert {sample["recording"]: part for part, sample in samples} == {
        "01-0001": "train",
        "01-0002": "test",
    }
    teaching = {
        (*night, epoch)
        for night, scores in nights.items()
        for epoch, score in scores.items()
        if score.rules and score.rationale
    }
    read = {(s["recording"], s["scorer"], s["epoch"]): s for _, s in samples}
    assert set(read) == teaching
    assert len(read) == len(samples)
    rule_ids = [rule.id for rule in get_edition(DEFAULT_EDITION).rules]
    for (recording, scorer, epoch), sample in read.items():
        score = nights[recording, scorer][epoch]
        reply = parse_reply(sample["reply"], rule_ids=rule_ids)
        assert (reply.stage, list(reply.rules)) == (score.stage, score.rules)
        assert (
            json.loads(sample["reply"].split("\n", 1)[1].rsplit("\n", 1)[0])["reasoning_text"]
            == score.rationale
        )
        assert (folder / "sft" / sample["prompt"]).exists()
        body = sample["reply"].removeprefix("```json\n").removesuffix("\n```")
        assert body == json.dumps(json.loads(body), ensure_ascii=False, indent=2)
