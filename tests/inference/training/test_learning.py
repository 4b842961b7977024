"""Fresh weights learn to stage simulated nights: both phases, by the commands people are told."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inference.training.evaluation.readers import MAJORITY

pytestmark = [pytest.mark.torch, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[3]
WITHOUT_THE_SITE = """
import sys
from pathlib import Path
site = "django rest_framework celery redis psycopg edfio plotly whitenoise"
sys.modules.update(dict.fromkeys(site.split()))  # to import one of them is an error
from tests.helpers.short_training import judge, train
train(Path(sys.argv[1]))
assert "llguidance" not in sys.modules, "only replies need it"
judge(Path(sys.argv[1]))
"""


def figures(folder: Path, run: str) -> Any:
    return json.loads((folder / "judged" / run / "result.json").read_text())


def test_a_short_training_beats_the_commonest_stage_and_the_untrained_model_on_other_subjects(
    tmp_path: Path,
):
    alone = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    alone |= {"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", WITHOUT_THE_SITE, str(tmp_path)]
    done = subprocess.run(command, env=alone, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    trained, untrained = figures(tmp_path, "trained"), figures(tmp_path, "untrained")
    assert trained["on"] == untrained["on"] == "2 simulated nights of 1 h, held-out subjects"
    assert trained["epochs"] == untrained["epochs"] == 80
    # Unread replies count as wrong, or a model could win by silence. The commonest stage has 0.
    learnt = trained["kappa_with_unparsed"]
    assert learnt > max(untrained["kappa_with_unparsed"], 0.0) + 0.1
    assert trained["accuracy"] > trained["baselines"][MAJORITY]["accuracy"]
