"""Arrays by their buffers are those that pyarrow makes, and pandas stays out."""

import subprocess
import sys

import pyarrow as pa
import pytest

from annotations.releases.formats.parquet import batch_of

SCHEMA = pa.schema(
    [
        ("words", pa.string()),
        ("number", pa.int32()),
        ("seconds", pa.float64()),
        ("rules", pa.list_(pa.string())),
        ("events", pa.list_(pa.struct([("kind", pa.string()), ("at", pa.list_(pa.float64()))]))),
    ]
)
ROWS = [
    {"words": "γ-Wellen", "number": -3, "seconds": 1.5, "rules": ["W.1", None, ""], "events": []},
    {"words": "", "rules": [], "events": [{"kind": "spindle", "at": [1, 2.5]}, {"kind": None}]},
    {"words": None, "number": 0, "seconds": 0.0, "events": [{"at": []}]},
]
NO_PANDAS = """
import os
import sys
sys.path[:0] = [".", "platform"]
os.environ["DJANGO_SETTINGS_MODULE"] = "epochwise.settings"
import django
django.setup()
import pyarrow
from annotations.releases.formats.parquet import batch_of
batch_of([{"a": ["x"]}], pyarrow.schema([("a", pyarrow.list_(pyarrow.string()))]))
print("pandas" in sys.modules)
"""


def test_values_and_nulls_are_as_pyarrow_lays_them_out():
    for rows in (ROWS, ROWS[:1], []):
        made = batch_of(rows, SCHEMA)
        made.validate(full=True)
        assert made.equals(pa.RecordBatch.from_pylist(rows, schema=SCHEMA))


@pytest.mark.long
def test_pandas_is_not_loaded_where_it_is_installed():
    done = subprocess.run([sys.executable, "-c", NO_PANDAS], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
