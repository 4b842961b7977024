"""Who is in the demo."""

from dataclasses import dataclass

from studies.models import Role


@dataclass(frozen=True)
class Person:
    """One member of the demo study; people without a button have done their work already."""

    username: str
    name: str
    role: Role
    does: str = ""

    @property
    def has_button(self) -> bool:
        return bool(self.does)


DEMO_PEOPLE = (
    Person("lead", "Lena Vogel", Role.LEAD, "runs the study, takes data away"),
    Person("annotator", "Ana Torres", Role.ANNOTATOR, "scores a night in the workbench"),
    Person("rater", "Ravi Menon", Role.RATER, "rates rationales, their source unseen"),
    Person("adjudicator", "Jun Sato", Role.ADJUDICATOR, "compares finished scorings"),
    Person("viewer", "Vic Olsen", Role.VIEWER, "looks on, changes nothing"),
    Person("expert-1", "Ines Keller", Role.ANNOTATOR),
    Person("expert-2", "Omar Haddad", Role.ANNOTATOR),
)
