"""Tours of a first visit: what is where on a page, for a role, and who has seen it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction

from studies.models import Membership, Preferences, Role, User

# What a step points at, and what is said about it: a CSS selector, a title, and some sentences.
Step = tuple[str, str, str]


@dataclass(frozen=True)
class Leg:
    """What tours show on one page, by role. `view` is the name of its address."""

    name: str
    view: str
    steps: Mapping[Role, tuple[Step, ...]]


HELP: Step = (
    "[data-help-open]",
    "Help",
    "Press ? on any page: its help opens beside it. There you can also start this tour again.",
)
KEYS: Step = (
    "[title^='Keys and help']",
    "Keys and help",
    "Press ? for all keys and the help of this page. There you can also start this tour again.",
)

LEGS = (
    Leg(
        "home",
        "home",
        {
            Role.ANNOTATOR: (
                (
                    "section[aria-labelledby='nights']",
                    "Recordings to score",
                    "Recordings that a research lead assigned to you. The first is the one to"
                    " continue with; the badge beside its name is the mode.",
                ),
                HELP,
            ),
            Role.RATER: (
                (
                    "section[aria-labelledby='ratings']",
                    "Rationales to rate",
                    "Your queue of each rating study. You can stop at any time and continue later.",
                ),
                HELP,
            ),
            Role.ADJUDICATOR: (
                (
                    "section[aria-labelledby='compare']",
                    "Recordings to adjudicate",
                    "Recordings with two or more finished scorings. Start adjudication opens the"
                    " choice of scorings.",
                ),
                HELP,
            ),
            Role.LEAD: (
                (
                    "section[aria-labelledby='studies']",
                    "Studies",
                    "The studies that you lead, with three numbers each. Below them is what waits"
                    " for you; each line opens its rows.",
                ),
                HELP,
            ),
        },
    ),
    Leg(
        "scoring",
        "annotations:workbench",
        {
            Role.ANNOTATOR: (
                (
                    "[data-part='strip']",
                    "The whole recording",
                    "Hypnogram of your stages, and spectrogram. Click or drag to go to a time.",
                ),
                (
                    "[data-part='traces']",
                    "The epoch",
                    "The signals of the epoch, with its neighbours dimmed at the sides. Drag over a"
                    " wave to measure and mark it.",
                ),
                (
                    "[data-part='stages']",
                    "Stage",
                    "Press W, 1, 2, 3 or R. Z undoes any change, also a stage.",
                ),
                (
                    ".panel__judgement",
                    "Rules",
                    "The rules of the stage appear here. J, K, L and ; cite the first four.",
                ),
                (
                    "#rationale",
                    "Rationale",
                    "E starts writing, Esc ends it. Q offers phrases with the marked waves.",
                ),
                (
                    "[data-part='saveState']",
                    "Save status",
                    "Every change is saved at once. Without a network, changes wait in this"
                    " browser.",
                ),
                (
                    "[data-part='submit']",
                    "Submit",
                    "Shows what is missing first. Nothing is submitted before you confirm it.",
                ),
                KEYS,
            )
        },
    ),
    Leg(
        "rating",
        "annotations:rate",
        {
            Role.RATER: (
                (
                    "[data-part='traces']",
                    "Signal",
                    "The epoch that the rationale is about. Drag over a wave to measure it.",
                ),
                (
                    "[data-part='rationale']",
                    "Rationale",
                    "Judge this text, not the stage. A time in it is a link to the wave.",
                ),
                (
                    "[data-part='form']",
                    "Scores",
                    "Press 1 to 5 for each of the three dimensions. A score of 2 or less needs a"
                    " comment.",
                ),
                (
                    "[data-part='next']",
                    "Next",
                    "Enter opens the next rationale. You can return and change a rating until the"
                    " study is closed.",
                ),
                KEYS,
            )
        },
    ),
    Leg(
        "adjudication",
        "annotations:adjudication",
        {
            Role.ADJUDICATOR: (
                (
                    "[data-part='strip']",
                    "The whole recording",
                    "The consensus so far, and a band for each scoring. A tall mark is an unsettled"
                    " difference.",
                ),
                (
                    "[data-part='sideCards']",
                    "Scorings",
                    "The scorings are called A, B, C. A stage key or a letter accepts a side; then"
                    " Shift with a digit gives the reason.",
                ),
                (
                    "[data-act='write']",
                    "Own score",
                    "If no scoring is right, E starts a score of your own.",
                ),
                (
                    "[data-act='rule']",
                    "Settle by rule",
                    "Settles every epoch with a large enough majority, after a preview.",
                ),
                (
                    "[data-part='finish']",
                    "Consensus",
                    "When every epoch is settled, this creates the consensus. It shows what is"
                    " settled first.",
                ),
                KEYS,
            )
        },
    ),
    Leg(
        "overview",
        "study",
        {
            Role.LEAD: (
                (
                    "#places",
                    "Places of the study",
                    "The same menu is on every page of the study.",
                ),
                (
                    ".overview__figures",
                    "Progress",
                    "How far the study is. Every number opens its rows.",
                ),
                (
                    ".needs",
                    "Needs you",
                    "Requests, overdue scorings, held raters and failed files. Each line opens the"
                    " place where you can act.",
                ),
                (
                    ".page-head__actions",
                    "Start here",
                    "Add recordings, then invite people. Assign recordings in the list of"
                    " recordings.",
                ),
                HELP,
            )
        },
    ),
    Leg(
        "recordings",
        "desk:recordings",
        {
            Role.LEAD: (
                (
                    "#filter",
                    "Search and filters",
                    "Search, filter and choose columns. Save this view, below the list, keeps the"
                    " result under a name.",
                ),
                (
                    "#rows",
                    "Recordings",
                    "Choose rows, also over several pages, or everything that matches.",
                ),
                (
                    "#chosen .acts",
                    "Act on several at once",
                    "Assign, pre-score, set due dates, remind or export. A preview shows what will"
                    " happen.",
                ),
            )
        },
    ),
)
BY_NAME = {leg.name: leg for leg in LEGS}
BY_VIEW = {leg.view: leg for leg in LEGS}


def steps_for(leg: Leg, roles: Collection[Role]) -> list[Step]:
    """Return the steps of these roles, one after another; a step that several have comes once."""
    steps = [step for role in leg.steps if role in roles for step in leg.steps[role]]
    first = list(dict.fromkeys(step for step in steps if step not in (HELP, KEYS)))
    return [*first, *dict.fromkeys(step for step in steps if step in (HELP, KEYS))]


def roles_of(user: User) -> set[Role]:
    """Return the roles of a person in any study in use."""
    held = Membership.objects.filter(user_id=user.pk, study__archived_at=None)
    return {Role(role) for role in held.values_list("role", flat=True).distinct()}


def unseen_by(user: User, leg: Leg) -> set[Role]:
    """Return the roles of a person for which this page has a tour that they have not seen."""
    seen = _seen_by(user)
    return {role for role in roles_of(user) if role in leg.steps and leg.name not in seen[role]}


def remember_seen(*, user: User, leg: Leg) -> None:
    """Remember that a person has seen the tour of this page."""
    _remember(user, {role: [leg.name] for role in leg.steps})


def skip_tours(*, user: User) -> None:
    """Remember that a person wants no tour of the roles that they have now."""
    _remember(user, {role: [leg.name for leg in LEGS if role in leg.steps] for role in Role})


def _seen_by(user: User) -> dict[Role, list[str]]:
    preferences = Preferences.objects.filter(user=user).first()
    tours = preferences.tours if preferences else {}
    return {role: tours.get(role, []) for role in Role}


@transaction.atomic
def _remember(user: User, more: Mapping[Role, list[str]]) -> None:
    """Locks what is remembered: a tour can end in one window while another one skips them all."""
    held = roles_of(user)
    Preferences.objects.select_for_update().get_or_create(user=user)
    seen = _seen_by(user)
    tours = {
        role: sorted({*seen[role], *more.get(role, [])} if role in held else seen[role])
        for role in Role
    }
    Preferences.objects.filter(user=user).update(tours=tours)
