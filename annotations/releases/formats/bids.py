"""BIDS derivatives: an events.tsv for each night, with a description of its columns."""

import csv
import json
import re

from annotations.downloads import Checksummed
from annotations.releases.formats.format import Format
from annotations.releases.manifest import Manifest
from annotations.releases.nights import ReleaseNight
from psg.stages import EPOCH_S, STAGES
from psg.typed_json import JsonObject
from studies.models import Track

BIDS_VERSION = "1.10.0"
LEVELS = {
    "W": "Wakefulness",
    "N1": "Non-REM sleep, stage 1",
    "N2": "Non-REM sleep, stage 2",
    "N3": "Non-REM sleep, stage 3",
    "R": "REM sleep",
}


class BidsFormat(Format):
    """Folder bids/, which names every file by subject, night and scorer."""

    def __init__(self, files: Checksummed, manifest: Manifest) -> None:
        super().__init__(files, manifest)
        self._labels = _Labels()

    def add(self, night: ReleaseNight) -> None:
        entry = night.entry
        subject = self._labels.of("subject", entry.subject)
        session = self._labels.of("night", entry.recording)
        scorer = self._labels.of("scorer", entry.scorer)
        stem = (
            f"bids/sub-{subject}/ses-{session}/eeg/"
            f"sub-{subject}_ses-{session}_task-sleep_desc-{scorer}_events"
        )
        is_fine = entry.track == Track.FINE
        with self.files.text(f"{stem}.tsv") as file:
            lines = csv.writer(file, delimiter="\t", lineterminator="\n")
            lines.writerow(["onset", "duration", "stage", "rules", *(["rationale"] * is_fine)])
            for row in night.laid:
                if row.stage is not None:
                    words = [_without_line_ends(row.rationale) or "n/a"] * is_fine
                    rules = ",".join(row.rules) or "n/a"
                    lines.writerow([f"{row.onset_s:g}", f"{EPOCH_S:g}", row.stage, rules, *words])
        with self.files.text(f"{stem}.json") as file:
            json.dump(self._columns(night), file, indent=2, ensure_ascii=False)

    def finish(self) -> None:
        description = {
            "Name": f"{self.manifest.title} {self.manifest.version}",
            "BIDSVersion": BIDS_VERSION,
            "DatasetType": "derivative",
            "License": self.manifest.licence,
            "Authors": self.manifest.authors,
            "GeneratedBy": [{"Name": "Epochwise", "Description": "Scorings of sleep"}],
        }
        with self.files.text("bids/dataset_description.json") as file:
            json.dump(description, file, indent=2, ensure_ascii=False)

    def _columns(self, night: ReleaseNight) -> JsonObject:
        columns: JsonObject = {
            "onset": {
                "Description": "Start of the epoch from the start of the recording",
                "Units": "s",
            },
            "duration": {"Description": "Length of the epoch", "Units": "s"},
            "stage": {
                "Description": "Sleep stage; epochs without one are left out",
                "Levels": {stage.value: LEVELS[stage.value] for stage in STAGES},
            },
            "rules": {"Description": f"Cited rules of {night.entry.rule_edition}, by comma"},
        }
        if night.entry.track == Track.FINE:
            columns["rationale"] = {"Description": "Why, in words; line ends are spaces"}
        return columns


class _Labels:
    """Labels of letters and digits only, as BIDS has them; equal labels get a number."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], str] = {}

    def of(self, kind: str, name: str) -> str:
        if (kind, name) not in self._labels:
            plain = re.sub(r"[^A-Za-z0-9]", "", name) or "x"
            taken = {label.lower() for (k, _), label in self._labels.items() if k == kind}
            label, number = plain, 1
            while label.lower() in taken:
                number += 1
                label = f"{plain}n{number}"
            self._labels[kind, name] = label
        return self._labels[kind, name]


def _without_line_ends(text: str) -> str:
    return " ".join(text.split())
