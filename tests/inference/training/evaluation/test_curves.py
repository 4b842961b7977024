"""Curves from what trainings log."""

from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from inference.training.evaluation.charts import read_curves


def test_learning_curves_of_tensorboard_are_read(tmp_path: Path):
    writer = EventFileWriter(str(tmp_path / "run"))
    for step, loss in enumerate((3.0, 2.0, 1.5)):
        value = Summary.Value(tag="loss", simple_value=loss)
        writer.add_event(Event(step=step, summary=Summary(value=[value])))
    writer.close()
    assert read_curves(tmp_path) == {"loss": [(0, 3.0), (1, 2.0), (2, 1.5)]}
