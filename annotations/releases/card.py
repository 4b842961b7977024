"""The dataset card and the citation of a release, and facts that the datasheet needs too."""

import json
from collections import Counter
from collections.abc import Collection, Iterable

from annotations.releases.columns import SPLITS, epoch_columns, licence_id, parquet_name
from annotations.releases.manifest import Manifest
from psg.stages import STAGES


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """Return a table in Markdown."""
    lines = [[str(cell) for cell in row] for row in (head, *rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def part_rows(manifest: Manifest) -> list[list[object]]:
    """Return part, subjects, epochs by stage, and epochs."""
    return [
        [
            part,
            manifest.subjects.get(part, 0),
            *(stages[stage.value] for stage in STAGES),
            sum(stages.values()),
        ]
        for part, stages in manifest.counts.stages.items()
    ]


def scorer_rows(manifest: Manifest) -> list[list[object]]:
    """Return name, kind and epochs of each scorer."""
    return [
        [scorer.name, scorer.kind, manifest.counts.scorers.get(scorer.name, 0)]
        for scorer in manifest.scorers
    ]


def ways_of_choosing(manifest: Manifest) -> list[str]:
    """Return the conditions that epochs of the release meet, as phrases."""
    composition = manifest.composition
    lines = ["epochs with a stage"]
    if flags := composition.left_out_flags:
        lines.append(f"without those flagged {' or '.join(flags)}")
    if (least := composition.least_mean_rating) is not None:
        lines.append(f"whose rationale was rated {least:g} of 5 or more on average")
    if (percent := composition.least_agreement_percent) is not None:
        lines.append(f"on which at least {percent:g} % of the other experts agree")
    return lines


# The head of the dataset card, which programs read: the licence, and the file of each split.


CONFIG = "epochs"


def front_matter(manifest: Manifest, names: Collection[str]) -> str:
    """Return the head as YAML; strings are written as JSON, which YAML can read."""
    lines = [
        "---",
        f"pretty_name: {json.dumps(manifest.title, ensure_ascii=False)}",
        *_licence(manifest.licence),
        "tags:",
        "- sleep-staging",
        "- polysomnography",
        *_configs(names),
        "---",
    ]
    return "\n".join(lines) + "\n"


def _licence(text: str) -> list[str]:
    if known := licence_id(text):
        return [f"license: {known}"]
    return ["license: other", f"license_name: {json.dumps(text, ensure_ascii=False)}"]


def _configs(names: Collection[str]) -> list[str]:
    known = {parquet_name(part): split for part, split in SPLITS.items()}
    files = {split: name for name, split in known.items() if name in names}
    if not files:
        return []
    lines = ["configs:", f"- config_name: {CONFIG}", "  default: true", "  data_files:"]
    for split, name in files.items():
        lines += [f"  - split: {split}", f"    path: {name}"]
    return lines


# The dataset card, and the citation.


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


PUBLISHED_LAYOUT = {
    "published/<scorer>/": "samples of both phases of training in the layout of the published"
    " SleepVLM project; names of images are relative to this folder and contain the stage",
}


def _layout(manifest: Manifest) -> dict[str, str]:
    # Only where it is: the card of an earlier release keeps its bytes.
    return LAYOUT | (PUBLISHED_LAYOUT if manifest.composition.with_published else {})


def dataset_card(manifest: Manifest, *, names: Collection[str]) -> str:
    """Return the card in Markdown, all numbers from the manifest; `names` are the files."""
    columns = epoch_columns(with_grounding=manifest.has_grounding)
    sections = [
        f"# {manifest.title} {manifest.version}",
        f"Sleep scored epoch by epoch, from the study “{manifest.study_title}”, frozen"
        f" {manifest.frozen_on}. Licence: {manifest.licence}.",
        *(["## Terms of use", manifest.data_terms] if manifest.data_terms else []),
        "## What is in it",
        table(["part", "subjects", *STAGES, "epochs"], part_rows(manifest)),
        table(["scorer", "kind", "epochs"], scorer_rows(manifest)),
        table(["track", "epochs"], manifest.counts.tracks.items()),
        "## Rules cited",
        table(["rule", "epochs"], manifest.counts.rules.items()),
        "Who scored them and how, how far experts agree, how the words were rated, and what the"
        " data is for: datasheet.md.",
        *_settled(manifest),
        "## Columns of data/",
        table(["column", "holds"], [[column.name, column.meaning] for column in columns]),
        *_erased(manifest),
        "## Files",
        table(["file", "holds"], _layout(manifest).items()),
    ]
    head = front_matter(manifest, names)
    return head + "\n\n".join(section.rstrip("\n") for section in sections) + "\n"


def _settled(manifest: Manifest) -> list[str]:
    """Return how the epochs of consensus scorings were settled: by whom, and by which rules."""
    settled = manifest.settled
    if not settled:
        return []
    rules = Counter(rule for night in settled for rule in night.rules)
    return [
        "## How the consensus was settled",
        f"In {counted(len(settled), 'consensus scoring')}, before any filter:",
        table(
            ["epochs", "settled"],
            [
                [sum(night.unanimous for night in settled), "all scorings agree"],
                [sum(night.by_rule for night in settled), "by rule, from a majority of scorings"],
                [sum(night.by_hand for night in settled), "by hand, by an adjudicator"],
            ],
        ),
        *([table(["rule", "recordings"], rules.items())] if rules else []),
    ]


def _erased(manifest: Manifest) -> list[str]:
    if not manifest.erased:
        return []
    explained = (
        "These were removed from all files after the release was frozen. Agreement and ratings"
        " are given as they were on the day of freezing."
    )
    lines = [f"- {night.sentence}" for night in manifest.erased]
    return ["## Erased nights", explained, "\n".join(lines)]


def citation(manifest: Manifest) -> str:
    """Return CITATION.cff; strings are written as JSON, which YAML can read."""
    authors = manifest.authors or [f"Contributors of {manifest.study_title}"]
    lines = [
        "cff-version: 1.2.0",
        'message: "If you use this dataset, please cite it."',
        "type: dataset",
        f"title: {_quoted(manifest.title)}",
        f"version: {_quoted(manifest.version)}",
        f"date-released: {_quoted(manifest.frozen_on)}",
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
