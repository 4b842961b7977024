"""Croissant metadata: a description of the tables of a release that programs can read."""

import json
from collections.abc import Iterable, Mapping, Sequence

from annotations.releases.columns import (
    RATINGS,
    SPLIT_COLUMNS,
    SPLITS,
    TableColumn,
    epoch_columns,
    licence_url,
    parquet_name,
)
from annotations.releases.manifest import Manifest
from psg.typed_json import JsonObject

NAME = "croissant.json"
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
_TYPES = {
    ".parquet": "application/x-parquet",
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
    ".json": "application/json",
}
_TERMS = (
    "citeAs column conformsTo containedIn equivalentProperty extract field fileProperty fileObject"
    " fileSet format includes isLiveDataset jsonPath key md5 parentField path recordSet references"
    " regex repeated replace separator source subField transform"
)
# The vocabulary that the specification asks every file to declare.
CONTEXT: JsonObject = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{term: f"cr:{term}" for term in _TERMS.split()},
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
}


def croissant(manifest: Manifest, sums: Mapping[str, str]) -> str:
    """Return the metadata as JSON; `sums` are the files written so far with their SHA-256."""
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": manifest.title,
        "description": (
            f"Sleep scored epoch by epoch, from the study “{manifest.study_title}”. Waves that"
            " were marked as evidence are in the Parquet files, column evidence."
        ),
        "version": manifest.version,
        "datePublished": manifest.frozen_on,
        "license": licence_url(manifest.licence) or manifest.licence,
        **({"usageInfo": manifest.data_terms} if manifest.data_terms else {}),
        "creator": _creators(manifest),
        "citeAs": _citation(manifest),
        "distribution": [_file(name, sums[name]) for name in sorted(sums) if _is_described(name)],
        "recordSet": _record_sets(manifest, sums),
    }
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _is_described(name: str) -> bool:
    """Exclude files of single nights and epochs; SHA256SUMS lists those too."""
    folder, _, file = name.rpartition("/")
    return folder in {"", "data", "sft"} and file.endswith(tuple(_TYPES))


def _creators(manifest: Manifest) -> list[dict[str, str]]:
    people = [{"@type": "sc:Person", "name": author} for author in manifest.authors]
    return people or [{"@type": "sc:Organization", "name": manifest.study_title}]


def _citation(manifest: Manifest) -> str:
    authors = "; ".join(manifest.authors) or f"Contributors of {manifest.study_title}"
    year = manifest.frozen_at[:4]
    return f"{authors} ({year}). {manifest.title}, version {manifest.version}."


def _file(name: str, sha256: str) -> dict[str, str]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": _TYPES[name[name.rindex(".") :]],
        "sha256": sha256,
    }


def _record_sets(manifest: Manifest, sums: Mapping[str, str]) -> list[JsonObject]:
    epochs = epoch_columns(with_grounding=manifest.has_grounding)
    tables: list[tuple[str, str, str, Sequence[TableColumn]]] = [
        (f"epochs_{split}", f"Annotated epochs, {split}", parquet_name(part), epochs)
        for part, split in SPLITS.items()
    ]
    tables += [
        ("splits", "The part of every subject and recording", "splits.csv", SPLIT_COLUMNS),
        ("ratings", "Ratings of the rationales", "ratings.csv", RATINGS),
    ]
    return [
        {
            "@type": "cr:RecordSet",
            "@id": record_set,
            "name": record_set,
            "description": what,
            "field": list(_fields(record_set, file, columns)),
        }
        for record_set, what, file, columns in tables
        if file in sums
    ]


def _fields(record_set: str, file: str, columns: Iterable[TableColumn]) -> Iterable[JsonObject]:
    for column in columns:
        if column.is_struct:
            continue  # nested lists are beyond what readers of this format take
        yield {
            "@type": "cr:Field",
            "@id": f"{record_set}/{column.name}",
            "name": column.name,
            "description": column.meaning,
            "dataType": column.holds.value,
            **({"repeated": True} if column.is_list else {}),
            "source": {"fileObject": {"@id": file}, "extract": {"column": column.name}},
        }
