"""Fixtures for pre-scoring: a night with signals, and tiny checkpoints that are real ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile

from inference.models import ModelBundle
from inference.registry.bundles import find_bundle, register_bundle
from psg.montage import DERIVATIONS
from psg.signalstore import SignalStoreWriter, StoredChannel, to_counts
from recordings.models import Recording, Subject
from studies.models import Study

SCALE_UV = 0.01
TINY_PROMPT = "Stage the target epoch. {{channels}}"
TINY_REPLY = (
    '```json\n{"reasoning_text": "A spindle in C4-M1.", '
    '"applicable_rules": ["N2.1"], "sleep_stage": "N2"}\n```'
)


def write_store(path: Path, epochs_uv: np.ndarray) -> bytes:
    """Write a signal store of (n, 6, 3000) uV; gives its bytes."""
    channels = [StoredChannel(name, 100.0, 3000, SCALE_UV) for name in DERIVATIONS]
    with SignalStoreWriter(
        path, channels=channels, epoch_count=len(epochs_uv), epoch0_s=0.0
    ) as writer:
        writer.append([to_counts(epochs_uv[:, i], SCALE_UV) for i in range(len(DERIVATIONS))])
    return path.read_bytes()


@pytest.fixture
def make_noise_night(
    study: Study, tmp_path: Path, noise_epochs: np.ndarray
) -> Callable[..., Recording]:
    """Make a recording with signals: `make_noise_night(epochs_uv, name="S2")`; noise by default."""

    def make(epochs_uv: np.ndarray = noise_epochs, name: str = "S1") -> Recording:
        subject, _ = Subject.objects.get_or_create(study=study, code=name)
        night = Recording.objects.create(
            study=study,
            subject=subject,
            name=name,
            state=Recording.State.READY,
            sha256=name.rjust(64, "0"),
            epoch_count=len(epochs_uv),
            duration_s=30.0 * len(epochs_uv),
        )
        content = write_store(tmp_path / f"{name}.epw", epochs_uv)
        night.signals_file.save(f"{night.pk}.epw", ContentFile(content))
        return night

    return make


@pytest.fixture
def noise_night(make_noise_night: Callable[..., Recording]) -> Recording:
    """Ten epochs of noise."""
    return make_noise_night()


@pytest.fixture
def rules_bundle(db: None) -> ModelBundle:
    return find_bundle("rules")


def write_bundle(folder: Path, name: str = "tiny", **settings: object) -> Path:
    """Write a bundle.toml and a prompt beside the checkpoint in ``folder``."""
    decoding = {"max_new_tokens": 90, "batch_size": 4, **settings}
    lines = [f"{key} = {value}" for key, value in decoding.items()]
    (folder / "prompt.md").write_text(TINY_PROMPT)
    (folder / "bundle.toml").write_text(
        f'name = "{name}"\ntitle = "Tiny model {name}"\nadapter = "sleepvlm"\nlicence = "CC0-1.0"\n'
        'checkpoint = "checkpoint"\n[prompt]\nfile = "prompt.md"\n[decoding]\n' + "\n".join(lines)
    )
    return folder


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose checkpoint writes noise."""
    from inference.adapters.sleepvlm.random_weights import make_tiny_checkpoint

    folder = tmp_path_factory.mktemp("tiny-bundle")
    make_tiny_checkpoint(folder / "checkpoint", seed=1, text=TINY_PROMPT + TINY_REPLY)
    return write_bundle(folder, max_new_tokens=12)


@pytest.fixture(scope="session")
def taught_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose checkpoint answers every window with TINY_REPLY."""
    from inference.adapters.sleepvlm.random_weights import make_tiny_checkpoint, set_reply
    from inference.bundles import read_bundle

    folder = tmp_path_factory.mktemp("taught-bundle")
    make_tiny_checkpoint(folder / "checkpoint", seed=1, text=TINY_PROMPT)
    write_bundle(folder, name="taught")
    set_reply(folder / "checkpoint", prompt=read_bundle(folder).prompt, reply=TINY_REPLY)
    return folder


@pytest.fixture
def taught(db: None, taught_bundle: Path) -> ModelBundle:
    return register_bundle(folder=taught_bundle)[0]
