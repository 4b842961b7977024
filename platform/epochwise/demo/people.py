"""Who is in the demo."""

from dataclasses import dataclass

from studies.models import Role


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    roles: tuple[Role, ...]
    does: str


DEMO_PEOPLE = (
    Person("demo-annotator", "Ana Torres", (Role.ANNOTATOR,), "scores a night in the workbench"),
    Person("demo-rater", "Ravi Menon", (Role.RATER,), "rates rationales, source unseen"),
    Person("demo-adjudicator", "Jun Sato", (Role.ADJUDICATOR,), "compares finished scorings"),
    Person("demo-lead", "Lena Vogel", (Role.LEAD,), "runs the study and takes data away"),
    Person("demo-viewer", "Vic Olsen", (Role.VIEWER,), "looks on"),
)
