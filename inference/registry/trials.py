"""Trials of a bundle on three epochs of a simulated night, from a page or the command line."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache

from celery import Signature, signature
from django.db import transaction
from django.utils import timezone

from inference.adapters import Adapter, AdapterAwayError, NightToScore, RawReply, load_adapter
from inference.bundles import BundleError, BundleSpec, checkpoint
from inference.models import BundleCheck, ModelBundle
from inference.parsing import FaultKind, ReplyFault, parse_reply
from inference.registry.bundles import adapter_of, load_spec
from inference.runs.reading import gpu_queue_is_empty
from jobs.kinds import JobKind
from jobs.models import ATTEMPTS, kept_alive
from psg.render import RENDERER_VERSION
from psg.simulate import preprocessed, simulate_night
from psg.typed_json import JsonObject
from studies.models import User

HOURS = 0.25
SEED = 3
# The first epoch, which has no epoch before it, and two others.
TRIED_EPOCHS = (0, 12, 24)


@cache
def trial_night() -> NightToScore:
    """Thirty epochs of six derivations, preprocessed like any recording."""
    signals = preprocessed(simulate_night(hours=HOURS, seed=SEED))
    return NightToScore("trial", signals, is_simulated=True)


@dataclass(frozen=True)
class TriedEpoch:
    """A reply, and stage, rules and rationale that were read from it."""

    epoch: int
    text: str
    stage: str = ""
    rules: tuple[str, ...] = ()
    rationale: str = ""
    fault: str = ""
    notes: tuple[str, ...] = ()
    duration_s: float = 0.0
    best_of: int = 1


@dataclass
class Trial:
    """The report of a trial, as lines, its replies, and the first error."""

    lines: list[str] = field(default_factory=list)
    windows: list[TriedEpoch] = field(default_factory=list)
    error: str = ""

    @property
    def passed(self) -> bool:
        return not self.error

    def as_json(self) -> JsonObject:
        return asdict(self)


def try_bundle(
    read: Callable[[], BundleSpec], load: Callable[[BundleSpec], Adapter] = load_adapter
) -> Trial:
    """Check the folder, load the model, read replies; errors end in the trial, never outside."""
    trial = Trial()
    try:
        spec = read()
        _look_at_folder(trial, spec)
        started = time.perf_counter()
        adapter = load(spec)
        about = ", ".join(f"{name} {value}" for name, value in adapter.about.items())
        loaded = f"Loaded in {time.perf_counter() - started:.1f} s"
        trial.lines.append(f"{loaded}: {about}." if about else f"{loaded}.")
        _ask(trial, spec, adapter)
    except (BundleError, AdapterAwayError) as error:
        trial.error = str(error)
    except Exception as error:
        # Libraries of models raise any kind of error; it is the result of this trial.
        trial.error = f"{type(error).__name__}: {error}"[:1000]
    return trial


def _look_at_folder(trial: Trial, spec: BundleSpec) -> None:
    weights = checkpoint.weights_sha256(spec.checkpoint)
    trial.lines.append(f"{spec.title}, version {spec.version}, {spec.licence}.")
    trial.lines.append(f"Weights {weights}." if weights else "No weights of its own.")
    trial.lines.append(f"Prompt {spec.prompt.sha256}, {len(spec.prompt.system)} characters.")
    if spec.renderer_version and spec.renderer_version != RENDERER_VERSION:
        trial.lines.append(
            f"It learnt on images of renderer {spec.renderer_version}; here {RENDERER_VERSION} "
            "draws. Small differences are possible."
        )


def _ask(trial: Trial, spec: BundleSpec, adapter: Adapter) -> None:
    for group in adapter.replies(trial_night(), TRIED_EPOCHS):
        trial.windows += [_read(raw, spec) for raw in group]
    trial.windows.sort(key=lambda window: window.epoch)
    unread = [window for window in trial.windows if window.fault]
    if unread:
        trial.error = (
            f"{len(unread)} of {len(trial.windows)} replies could not be read. "
            f"Epoch {unread[0].epoch}: {unread[0].fault}"
        )


def _read(raw: RawReply, spec: BundleSpec) -> TriedEpoch:
    read = (
        ReplyFault(FaultKind.NO_REPLY, raw.error)
        if raw.error
        else parse_reply(raw.text, rule_ids=spec.edition.rule_ids)
    )
    seen = TriedEpoch(
        raw.epoch, raw.text[:4000], duration_s=round(raw.duration_s, 3), best_of=raw.best_of
    )
    if isinstance(read, ReplyFault):
        return replace(seen, fault=read.detail)
    return replace(
        seen,
        stage=read.stage.value,
        rules=read.rules,
        rationale=read.rationale,
        notes=read.notes,
    )


# Checks requested on a page: rows that workers take, as they take chunks.


@transaction.atomic
def ask_for_check(*, bundle: ModelBundle, requested_by: User | None = None) -> BundleCheck:
    """Return the waiting check of this bundle, or a new check."""
    ModelBundle.objects.select_for_update().get(pk=bundle.pk)
    last = bundle.checks.first()
    if last is not None and last.is_live:
        return last
    return BundleCheck.objects.create(bundle=bundle, requested_by=requested_by)


def check_next(*, adapters: Sequence[str]) -> bool:
    """Do the oldest check that these adapters can do; False when there is none."""
    free = BundleCheck.objects.filter(
        BundleCheck.waiting() | BundleCheck.abandoned(), bundle__adapter__in=adapters
    )
    pks = free.order_by("created_at", "pk").values_list("pk", flat=True)
    check = next(filter(None, map(CHECKS.claim, pks)), None)
    if check is not None:
        CHECKS.attempt(check)
    return check is not None


def check_bundle(check: BundleCheck) -> None:
    """Do the work of a claimed check: whatever goes wrong in it is its outcome."""
    bundle = check.bundle
    with kept_alive(check):
        trial = try_bundle(lambda: load_spec(bundle), lambda _: adapter_of(bundle))
        _settle(check, trial)


def _give_up(check: BundleCheck, error: str) -> None:
    _settle(check, Trial(error=error))


def _settle(check: BundleCheck, trial: Trial) -> None:
    state = BundleCheck.State.PASSED if trial.passed else BundleCheck.State.FAILED
    check.settle(state=state, report=trial.as_json(), error=trial.error, finished_at=timezone.now())


class CheckKind(JobKind[BundleCheck]):
    """Checks of bundles. Like chunks, they are taken by workers that can run the model."""

    def unsent(self) -> list[int]:
        # Whoever comes for another message looks for checks first.
        return super().unsent() if gpu_queue_is_empty() else []

    def message(self, pk: int) -> Signature:
        return signature("inference.tasks.score_next")


CHECKS = CheckKind(
    BundleCheck,
    work=check_bundle,
    give_up=_give_up,
    stopped=f"The worker stopped {ATTEMPTS} times while trying this model.",
    related=("bundle",),
)
