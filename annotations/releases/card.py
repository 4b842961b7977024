"""What a person reads of a release: the dataset card, and how to cite it."""

import json
from collections.abc import Collection
from typing import Any

from annotations.releases.columns import EPOCHS
from annotations.releases.facts import part_rows, scorer_rows
from annotations.releases.front_matter import front_matter
from annotations.releases.markdown import table
from psg.stages import STAGES

LAYOUT = {
    "massex/<scorer>/annotations/": "MASS-EX csv: fine/ with rationales, coarse/ without;"
    " epochs.csv with the time of every epoch of the grid; lights.csv",
    "hypnograms/<scorer>/": "one integer an epoch of 30 s as yasa reads it: 0-4 for W, N1, N2,"
    " N3, R; -2 where there is none",
    "edf/<scorer>/": "the same as EDF+ annotations, in seconds of the recording",
    "bids/": "BIDS derivatives: events.tsv with its columns explained beside it",
    "data/": "all of it as Parquet: one row an epoch and scorer, a file a part; opened by"
    " `datasets.load_dataset` of this folder",
    "sft/": "samples for fine-tuning by part and track, and their prompts; images are named",
    "images/, images.csv": "the images that samples name, one an epoch, with the hashes of their"
    " pixels, where the study lets them leave",
    "signals/": "whole nights as EDF, filtered, 100 Hz, where the study lets them leave",
    "datasheet.md": "how it came about, how sure the labels are, what it is for",
    "croissant.json": "the tables described for programs, with checksums",
    "ratings.csv": "ratings of the rationales, where the release has them",
    "splits.csv": "the part of every subject and recording",
    "manifest.json, rows.csv": "what was frozen: every row by its hash",
    "SHA256SUMS": "check with: sha256sum -c SHA256SUMS",
}


def dataset_card(manifest: dict[str, Any], *, names: Collection[str]) -> str:
    """Return the card in Markdown, all numbers from the manifest; `names` are the files."""
    counts = manifest["counts"]
    sections = [
        f"# {manifest['title']} {manifest['version']}",
        f"Sleep scored epoch by epoch, from the study “{manifest['study_title']}”, frozen"
        f" {manifest['frozen_at'][:10]}. Licence: {manifest['licence']}.",
        *(["## Terms of use", manifest["data_terms"]] if manifest["data_terms"] else []),
        "## What is in it",
        table(["part", "subjects", *STAGES, "epochs"], part_rows(manifest)),
        table(["scorer", "kind", "epochs"], scorer_rows(manifest)),
        table(["track", "epochs"], counts["tracks"].items()),
        "## Rules cited",
        table(["rule", "epochs"], counts["rules"].items()),
        "Who scored them and how, how far experts agree, how the words were rated, and what the"
        " data is for: datasheet.md.",
        "## Columns of data/",
        table(["column", "holds"], [[column.name, column.meaning] for column in EPOCHS]),
        "## Files",
        table(["file", "holds"], LAYOUT.items()),
    ]
    head = front_matter(manifest, names)
    return head + "\n\n".join(section.rstrip("\n") for section in sections) + "\n"


def citation(manifest: dict[str, Any]) -> str:
    """Return CITATION.cff; strings are written as JSON, which YAML reads."""
    authors = manifest["authors"] or [f"Contributors of {manifest['study_title']}"]
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use this dataset, please cite it."',
        "type: dataset",
        f"title: {_quoted(manifest['title'])}",
        f"version: {_quoted(manifest['version'])}",
        f"date-released: {_quoted(manifest['frozen_at'][:10])}",
        "authors:",
        *(line for author in authors for line in _author(author)),
    ]
    return "\n".join(lines) + "\n"


def _author(author: str) -> list[str]:
    family, comma, given = (piece.strip() for piece in author.partition(","))
    if not comma:
        return [f"  - name: {_quoted(author)}"]
    return [f"  - family-names: {_quoted(family)}", f"    given-names: {_quoted(given)}"]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
