"""Threads of a worker's processes: one, unless the setting names another number."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# As a worker begins: torch is loaded after its process has started, with the first chunk.
BEGIN = """
import json, os
from celery.signals import worker_process_init
import numpy
import epochwise.celery
worker_process_init.send(sender=None)
import torch
from threadpoolctl import threadpool_info
torch.ones(512, 512) @ torch.ones(512, 512)
threads = {"torch": torch.get_num_threads()}
threads |= {pool["internal_api"]: pool["num_threads"] for pool in threadpool_info()}
print(json.dumps(threads))
"""


@pytest.mark.torch
@pytest.mark.long
@pytest.mark.parametrize(("setting", "threads"), [("", 1), ("2", 2), ("2,1", 2), ("many", 1)])
def test_torch_and_matrices_of_a_worker_use_as_many_threads_as_set(setting, threads):
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "OMP_NUM_THREADS": setting}
    env.pop("OPENBLAS_NUM_THREADS", None)
    ended = subprocess.run(
        [sys.executable, "-c", BEGIN], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    counts = json.loads(ended.stdout.splitlines()[-1])
    assert {"torch", "openblas"} <= set(counts)
    assert set(counts.values()) == {threads}
