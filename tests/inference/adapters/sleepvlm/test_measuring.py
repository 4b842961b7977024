"""What speed is measured with: the benchmark's steps, and a model of the released size."""

from argparse import Namespace

import pytest
import torch

from benchmarks.prescore import report
from inference.adapters.sleepvlm.random_weights import PARAMETERS, make_released_size

pytestmark = pytest.mark.torch


def test_every_step_of_the_benchmark_writes_the_same_replies(tmp_path):
    options = Namespace(
        bundle=None,
        config=None,
        epochs=3,
        prompt_tokens=60,
        reply_tokens=5,
        batch_size=2,
        rounds=1,
        batch_only=False,
    )
    result = report(options, tmp_path)
    batch = result.steps[3]
    assert (result.ratio, result.epochs_per_s) == (batch.ratio, batch.epochs_per_s)
    assert result.peak_memory_mib == batch.peak_memory_mib > 0
    assert [step.step for step in result.steps] == [
        "plain",
        "images once",
        "prompt once",
        "batch",
        "stage first",
        "best of 4",
    ]
    assert {step.identical_share for step in result.steps} == {1.0}
    assert result.image_tokens == 3 * 128


def test_the_model_of_the_released_size_has_its_parameters(tmp_path):
    nowhere = torch.device("meta")
    model = make_released_size(tmp_path, text="W N1 N2", device=nowhere, dtype=torch.bfloat16)
    assert sum(weights.numel() for weights in model.parameters()) == PARAMETERS
    assert model.dtype == torch.bfloat16
