"""Every reply of the judged bundle, word for word, one JSON a line."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from inference.parsing import ParsedReply
from inference.training.evaluation.answers import Answer
from inference.training.evaluation.judging import JudgedNight
from psg.stages import stages_from_codes

FILE_NAME = "replies.jsonl"


class ReplyLog:
    """Writes ``replies.jsonl`` into a folder, or nothing where there is none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._file: IO[str] | None = None

    def __enter__(self) -> ReplyLog:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / FILE_NAME
            self._file = self._stack.enter_context(path.open("w", encoding="utf-8"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def add(self, judged: JudgedNight) -> None:
        """Write the replies of a night in the order of its epochs."""
        if self._file is None:
            return
        expected = stages_from_codes(judged.stages.reference)
        for epoch, answer in sorted(judged.replies.items()):
            line = {
                "recording": judged.stages.name,
                "epoch": epoch,
                "reference_stage": expected[epoch],
                "reference_rules": list(judged.rules[epoch]) if judged.rules else None,
                **_read(answer),
                "reply": answer.raw.text,
            }
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _read(answer: Answer) -> dict[str, Any]:
    read = answer.read
    if isinstance(read, ParsedReply):
        return {"stage": read.stage, "rules": list(read.rules)}
    return {"stage": None, "fault": read.kind, "detail": read.detail}
