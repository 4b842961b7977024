"""The registry of model bundles: each is checked, hashed, and has a scorer of its own."""

from pathlib import Path

from django.db import transaction

from annotations.scoring.models import Scorer
from annotations.scoring.scorings import model_scorer
from inference import bundles
from inference.adapters import Adapter, load_adapter, table
from inference.bundles import BundleError, BundleSpec, checkpoint, read_bundle
from inference.bundles.learning import read_learning
from inference.bundles.reading import Grid, GroundingMode
from inference.models import ModelBundle

HASHED = ("bundle_sha256", "prompt_sha256", "weights_sha256")


@transaction.atomic
def register_bundle(*, folder: Path, name: str = "") -> tuple[ModelBundle, bool]:
    """Return the bundle of a folder, and whether it is new.

    Raises
    ------
    BundleError
        When the folder is not a usable bundle, or another bundle has its name and version.
    """
    spec = read_bundle(folder)
    table.entry_for(spec)
    _refuse_published_grid(spec)
    name = name or spec.name
    hashes = _hashes(spec)
    known = ModelBundle.objects.filter(name=name, version=spec.version).first()
    if known is None:
        return _create(spec, name, hashes), True
    if any(getattr(known, field) != value for field, value in hashes.items()):
        raise BundleError(
            f"There is another bundle {name}, version {spec.version}",
            where=spec.folder.name,
            advice="Change the version in bundle.toml, or give another name.",
        )
    # The folder may have moved, and models of earlier versions have no curves yet.
    known.folder = str(spec.folder)
    known.learning = read_learning(spec.folder) or known.learning
    known.save(update_fields=["folder", "learning"])
    return known, False


def _refuse_published_grid(spec: BundleSpec) -> None:
    if spec.grid is Grid.PUBLISHED:
        raise BundleError(
            "This site cannot draw images on the published grid: that grid joins the labelled"
            " epochs before it filters them, and a recording to pre-score has no labels",
            where=spec.name,
            advice="Evaluate it with python -m inference.training.evaluate. If the differences in"
            " docs/training.md are acceptable, remove “grid” from bundle.toml.",
        )


def built_in_folder(name: str) -> Path:
    """Return the folder of a bundle that is part of Epochwise, such as “rules”."""
    return Path(bundles.__file__).parent / name


def register_built_in() -> ModelBundle:
    """Return the bundle that needs nothing but Epochwise; register it if necessary."""
    folder = built_in_folder(bundles.BUILT_IN_RULES)
    spec = read_bundle(folder)
    known = ModelBundle.objects.filter(name=spec.name, version=spec.version).first()
    return known or register_bundle(folder=folder)[0]


def find_bundle(name: str, *, version: str = "") -> ModelBundle:
    """Return the bundle with this name, the newest unless a version is named.

    Raises
    ------
    BundleError
        When there is none.
    """
    of_name = ModelBundle.objects.filter(name=name).order_by("-created_at", "-pk")
    bundle = (of_name.filter(version=version) if version else of_name).first()
    if bundle is None and of_name.exists():
        versions = ", ".join(of_name.values_list("version", flat=True))
        raise BundleError(
            f"{name} has no version “{version[:63]}”", advice=f"Registered are: {versions}."
        )
    if bundle is None:
        known = ", ".join(ModelBundle.objects.values_list("name", flat=True).distinct())
        raise BundleError(
            f"There is no bundle “{name[:63]}”",
            advice=f"Known bundles: {known}. Register a bundle with manage.py add_bundle.",
        )
    return bundle


def load_spec(bundle: ModelBundle) -> BundleSpec:
    """Read a registered bundle again, for work; raises BundleError when it has changed."""
    spec = read_bundle(bundle.path)
    if _hashes(spec) != {field: getattr(bundle, field) for field in HASHED}:
        raise BundleError(
            "The bundle has changed since it was registered",
            where=bundle.name,
            advice="Register it again under another version with manage.py add_bundle.",
        )
    return spec


def _hashes(spec: BundleSpec) -> dict[str, str]:
    return {
        "bundle_sha256": checkpoint.file_sha256(spec.folder / bundles.FILE_NAME),
        "prompt_sha256": spec.prompt.sha256,
        "weights_sha256": checkpoint.weights_sha256(spec.checkpoint),
    }


def _create(spec: BundleSpec, name: str, hashes: dict[str, str]) -> ModelBundle:
    provenance: dict[str, object] = {
        "bundle": name,
        "version": spec.version,
        "adapter": spec.adapter,
        "licence": spec.licence,
        "rule_edition": spec.edition.id,
        "renderer_version": spec.renderer_version,
        "channels": list(spec.channels),
        "max_new_tokens": spec.decoding.max_new_tokens,
        **({"source": spec.source.model_dump()} if spec.source else {}),
        **hashes,
    }
    if spec.decoding.grounding is not GroundingMode.OFF:
        provenance["grounding"] = spec.decoding.grounding
    return ModelBundle.objects.create(
        name=name,
        version=spec.version,
        title=spec.title,
        description=spec.description,
        adapter=spec.adapter,
        track=spec.track,
        licence=spec.licence,
        folder=str(spec.folder),
        renderer_version=spec.renderer_version,
        measured=list(spec.measured),
        learning=read_learning(spec.folder),
        scorer=model_scorer(label=_label(spec, name), provenance=provenance),
        **hashes,
    )


def _label(spec: BundleSpec, name: str) -> str:
    """Return the title, made unique, so that people can tell two models apart."""
    versioned = f"{spec.title} {spec.version}"
    for label in (spec.title, versioned, f"{versioned} ({name})"):
        if not Scorer.objects.filter(kind=Scorer.Kind.MODEL, label=label).exists():
            return label
    raise BundleError("A model of this title is already registered", where=name)


# The adapter that this worker process has loaded; never two, since a model may fill the card.
_loaded: dict[int, Adapter] = {}


def adapter_of(bundle: ModelBundle) -> Adapter:
    """Return the bundle's adapter, loaded at the first call; raises BundleError."""
    if bundle.pk not in _loaded:
        _loaded.clear()
        _loaded[bundle.pk] = load_adapter(load_spec(bundle))
    return _loaded[bundle.pk]
