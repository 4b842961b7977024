"""Questions about the files of an import, and the options that follow from the answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from annotations.exchange.copies import CODE as COPY_CODE
from annotations.exchange.stage_plan import StageFilePreview, StageImportOptions
from psg.doubts import Doubt
from psg.errors import RefusedError
from psg.stagefiles import StageOptions
from psg.typed_json import as_json, from_json
from recordings.intake.answers import declared_texts_of, option_of, options_with

_UNKNOWN_TEXTS = "unknown_texts"


@dataclass
class Question:
    """A doubt that files share, with the files and what each says of it.

    `name` is that of its form field: whether a file is a copy is asked of each file alone, the
    other questions once for all files.
    """

    name: str
    doubt: Doubt
    places: list[tuple[str, str]] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        return [path for path, _ in self.places]


def questions_of(files: Iterable[StageFilePreview]) -> list[Question]:
    """Gather the doubts with a choice of answers, open ones first."""
    known: dict[str, Question] = {}
    for file in files:
        for doubt in file.doubts:
            if doubt.choices:
                name = f"copy:{file.path}" if doubt.code == COPY_CODE else doubt.code
                question = known.setdefault(name, Question(name, doubt))
                question.places.append((file.path, doubt.where))
    return sorted(known.values(), key=lambda question: not question.doubt.is_open)


def with_answers(
    options: StageImportOptions,
    questions: Iterable[Question],
    answers: Mapping[str, str],
) -> StageImportOptions:
    """Return the options with the answers, by the names of the questions.

    Raises
    ------
    RefusedError
        When an answer is none of the choices.
    """
    for question in questions:
        value = answers.get(question.name, "")
        if value:
            options = _answered(options, question, value)
    return options


def _answered(options: StageImportOptions, question: Question, value: str) -> StageImportOptions:
    if value not in {choice.value for choice in question.doubt.choices}:
        raise RefusedError(
            "This answer is not one of the choices.", where=f"{question.name}: {value}"[:100]
        )
    if question.doubt.code == COPY_CODE:
        copies = dict.fromkeys(question.files, value)
        return replace(options, copies={**options.copies, **copies})
    if question.doubt.code == _UNKNOWN_TEXTS:
        texts = declared_texts_of([where for _, where in question.places], value)
        said = options_with(as_json(options.stages), texts)
        return replace(options, stages=from_json(StageOptions, said))
    said = {**as_json(options.stages), **option_of(question.doubt.code, value)}
    return replace(options, stages=from_json(StageOptions, said))
