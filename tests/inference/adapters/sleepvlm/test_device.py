"""Device, number format and batch size: what is there, or what the machine says."""

import pytest
import torch

from inference.adapters.sleepvlm.adapter import (
    BATCH_SIZE,
    DEVICE,
    DTYPE,
    chosen_batch_size,
    chosen_device,
    chosen_dtype,
)
from inference.bundles import BundleError

pytestmark = pytest.mark.torch
CPU = torch.device("cpu")
CARD = torch.device("cuda")


def test_a_card_gets_short_numbers_and_large_batches_a_cpu_exact_ones():
    assert (chosen_dtype(CPU), chosen_dtype(CARD)) == (torch.float32, torch.bfloat16)
    assert chosen_batch_size(CARD, 0) > chosen_batch_size(CPU, 0) > 1


def test_the_bundle_has_its_say_and_the_machine_the_last(monkeypatch):
    assert chosen_batch_size(CPU, 3) == 3
    monkeypatch.setenv(BATCH_SIZE, "5")
    monkeypatch.setenv(DEVICE, "cpu")
    monkeypatch.setenv(DTYPE, "bfloat16")
    assert chosen_batch_size(CPU, 3) == 5
    assert (chosen_device(), chosen_dtype(CPU)) == (CPU, torch.bfloat16)


@pytest.mark.parametrize(
    ("setting", "value", "choose"),
    [
        (DEVICE, "abacus", chosen_device),
        (DTYPE, "int3", lambda: chosen_dtype(CPU)),
        (BATCH_SIZE, "many", lambda: chosen_batch_size(CPU, 0)),
        (BATCH_SIZE, "0", lambda: chosen_batch_size(CPU, 0)),
    ],
)
def test_what_is_not_there_is_said_with_the_settings_name(monkeypatch, setting, value, choose):
    monkeypatch.setenv(setting, value)
    with pytest.raises(BundleError, match=setting):
        choose()
