"""The datasheet of a release: the questions of Gebru et al. (2021), answered from the manifest."""

from collections import Counter
from collections.abc import Iterator

from annotations.releases.datasheet_tables import agreement_section, rating_section
from annotations.releases.facts import Manifest, counted, part_rows, scorer_rows, ways_of_choosing
from annotations.releases.markdown import table
from psg.stages import EPOCH_S, STAGES
from studies.models import Mode

_MODE_WORDS = {
    Mode.BLIND: "without any suggestion",
    Mode.REVEAL: "own stage first, a suggestion afterwards",
    Mode.ASSISTED: "with a suggestion in view",
    Mode.REVIEW: "correcting a copy of a finished scoring",
}


def datasheet(manifest: Manifest) -> str:
    """Return the datasheet in Markdown; every number comes from the manifest."""
    sections = [
        f"# Datasheet of {manifest['title']} {manifest['version']}",
        *_motivation(manifest),
        *_composition(manifest),
        *_collection(manifest),
        *_preprocessing(manifest),
        *_uses(manifest),
        *_distribution(manifest),
        *_maintenance(),
    ]
    return "\n\n".join(section.rstrip("\n") for section in sections) + "\n"


def _motivation(manifest: Manifest) -> Iterator[str]:
    yield "## Motivation"
    yield (
        "To train and to judge models that stage sleep and say why: each epoch has its stage, the"
        " scoring rules that were cited for it and, on the fine track, a rationale in words. It"
        f" comes from the study “{manifest['study_title']}”."
    )
    if manifest["authors"]:
        yield f"Authors: {'; '.join(manifest['authors'])}."


def _composition(manifest: Manifest) -> Iterator[str]:
    nights = manifest["nights"]
    left_out = sum(night["row_count"] - night["kept_count"] for night in nights)
    yield "## Composition"
    yield (
        f"An instance is one epoch of {EPOCH_S:g} s as one scorer scored it. Instances of a night"
        " depend on one another, and where several scorers scored it the same epoch occurs once"
        " for each."
    )
    yield table(["part", "subjects", *STAGES, "epochs"], part_rows(manifest))
    yield table(["track", "epochs"], manifest["counts"]["tracks"].items())
    yield (
        f"In it are {', '.join(ways_of_choosing(manifest))}; of all that these scorers scored"
        f" {counted(left_out, 'epoch')} did not get in. {_split(manifest)}"
    )
    yield (
        "Subjects are known by codes, people who scored or rated by numbers; times count from the"
        " start of the recording, and no date of a night is told. " + _carried(manifest["carries"])
    )
    yield from agreement_section(manifest["agreement"])
    yield from rating_section(manifest["ratings"])


def _split(manifest: Manifest) -> str:
    composition = manifest["composition"]
    if composition["given_parts"]:
        return "The split was given, whole subjects in one part."
    if composition["shares"]:
        return (
            "The split puts whole subjects into one part, stages as level as exchanging subjects"
            f" gets them, seed {composition['seed']}."
        )
    return "There is no split; whoever makes one keeps the nights of a subject together."


def _carried(carries: dict[str, bool]) -> str:
    held = [kind for kind, is_in in sorted(carries.items()) if is_in]
    missing = [kind for kind, is_in in sorted(carries.items()) if not is_in]
    return " ".join(
        f"{what}: {', '.join(kinds)}."
        for what, kinds in (("It holds", held), ("It does not hold", missing))
        if kinds
    )


def _collection(manifest: Manifest) -> Iterator[str]:
    yield "## Collection"
    yield table(["scorer", "kind", "epochs"], scorer_rows(manifest))
    modes = Counter(night["mode"] for night in manifest["nights"] if night["mode"])
    if modes:
        yield "People scored:"
        yield "\n".join(
            f"- {counted(count, 'night')} {_MODE_WORDS[Mode(mode)]} (`{mode}`)"
            for mode, count in sorted(modes.items())
        )
    yield f"Rules: {', '.join(manifest['rule_editions'])}."
    if manifest["guidelines"]:
        yield "Scorers had a guideline of the study beside them; its text is in manifest.json."
    models = [scorer for scorer in manifest["scorers"] if scorer["kind"] == "model"]
    if models:
        yield (
            f"By models: {', '.join(model['name'] for model in models)}. The hashes of their"
            " weights and prompts are in manifest.json."
        )


def _preprocessing(manifest: Manifest) -> Iterator[str]:
    yield "## Preprocessing"
    yield (
        "Stages, rules and words are as their scorers left them. Epochs lie on the grid of their"
        " recording, which starts where scoring started; `N` counts the epochs kept, as MASS-EX"
        " does, so the time of an epoch follows from its onset and not from `N`. An epoch without"
        " a stage is left out and never told as wake."
    )
    yield (
        "Images, whether held or only named, are drawn from the filtered signals by renderer"
        f" {manifest['renderer_version']}."
    )


def _uses(manifest: Manifest) -> Iterator[str]:
    yield "## Uses"
    yield (
        "For training and evaluating models of sleep staging, and for studying how scorers cite"
        " rules and explain themselves. Count uncertainty over subjects, never over epochs. Read"
        " any score of a model beside the agreement of experts above."
    )
    if any(scorer["kind"] == "model" for scorer in manifest["scorers"]):
        yield "What a model scored is in here too: it is no reference to judge models by."
    yield "Not for the diagnosis of a person, and not for finding out who a subject is."


def _distribution(manifest: Manifest) -> Iterator[str]:
    yield "## Distribution"
    yield (
        f"Version {manifest['version']}, frozen {manifest['frozen_at'][:10]}, licence:"
        f" {manifest['licence']}. Cite it as CITATION.cff says; SHA256SUMS has the checksum of"
        " every file."
    )
    if manifest["data_terms"]:
        yield manifest["data_terms"]


def _maintenance() -> Iterator[str]:
    yield "## Maintenance"
    yield (
        "A version never changes. Corrections come as a new version, and a version that should"
        " not be used any more is withdrawn with a reason. The study that froze it can rebuild"
        " every file from manifest.json and rows.csv, and compare two versions row by row."
    )
