"""Names, dates and numbers that may identify a person, and ordinary words that do not."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from studies.models import Study, User

_GIVEN_NAMES_TEXT = """
aaron abdul abdullah abigail adam adela adele adrian adriana agnes agnieszka ahmad ahmed aisha
aino akira alain alan albert alberto alejandro alena alessandro alessia alex alexander
alexandra alexandre alexis alfred alice alicia alison amanda amelie amina amir amy ana
anastasia anders andrea andreas andrei andrew andrzej andy angela angelika anita anja anke ann
anna annette annika anne anthony antoine anton antonia antonio arnaud arthur astrid aurelie
ayse barbara beata beatrice beatriz benjamin benoit bernard bernd bettina birgit bjorn bogdan
brian brigitte bruno camille carl carla carlos carmen carol carolina caroline catarina
catherine cecilia cecile charles charlotte chiara chloe chris christian christiane christina
christine christoph christophe christopher claire clara claudia claude clement constance
cristina daisuke damien daniel daniela danielle daria david deborah denis dennis derek diana
diego dieter dimitri dirk dmitry dominik dominique donald dorothea edith eduardo edward eileen
elena eleanor elias elif elisa elisabeth elise elizabeth ellen elodie emil emilia emilie emily
emma emmanuel enrique eric erik erika ernst estelle esther eugene eva evelyn fabian fabien
fabio fatima fatma federica federico felix fernanda fernando filip florence florian francesca
francesco francis francisco francois francoise frank franziska frederic fredrik friedrich
gabriel gabriela gabriele gary gemma george georges gerald gerard gerhard giovanni giulia
giuseppe gloria goran greta guillaume gunter gustav hanna hannah hans harald hassan heather
hector heidi heike heinz helen helena helene helga helmut henri henrik henry herbert hiroshi
hugo ian ibrahim igor ilona ines ingrid irene irina isabel isabella isabelle ivan jacek jacob
jacqueline jacques jakob james jan jana jane janet janina jasmin javier jean jeanne jeff
jeffrey jennifer jens jeremy jessica jesus jing joachim joan joanna joao jochen joel johan
johann johanna johannes john jolanda jonas jonathan jorge jose josef joseph josephine joshua
juan juha julia julian julie julien juliette jurgen justine kai karen karim karin karl karolina
katarina katarzyna kate katharina katherine kathrin katja kazuki keith kenji kenneth kerstin
kevin khalid kim klaus konrad kristian kristina krzysztof lars laura laurence laurent lena leo
leon leonardo leonie leticia liam lina linda linnea lisa liselotte louis louise luca lucas
lucia lucie luigi luis luise lukas lydia maciej magdalena malgorzata manfred manon manuel
manuela marc marcel marcelo marcin marco marcos marek margaret margarita margot maria mariam
mariana marianne marie marina mario marion marisa markus marta martha martin martina mary
mateusz mathias mathieu mathilde matteo matthew matthias maud maurice max maxime megan mehmet
mei melanie melissa mercedes michael michal michel michele michelle miguel mikael mike mikhail
milan milena mireille miriam mohamed mohammad mohammed monica monika monique mustafa nadia
nadine nancy natalia natalie natasha nathalie nathan nicholas nicola nicolas nicole niels nils
nina noah nora norbert odile olaf ole oleg olga oliver olivia olivier omar oscar oskar otto
pablo pamela paolo pascal pascale patricia patrick patrik paul paula paulina pauline pavel
pedro peter petra philip philipp philippe pierre piotr priya rachel rafael rainer ralf ramon
raphael raquel rebecca reinhard renate rene ricardo richard rita robert roberto rodrigo roger
roland rolf romain roman ronald rosa ruth ryan sabine sabrina salma samantha samuel sandra
sandrine sara sarah sasha satoshi scott sean sebastian sergei sergio sharon silke silvia simon
simone sofia sofie sonia sophie stanislav stefan stefanie stefano steffen stephan stephane
stephanie stephen steve steven susan susana susanne sven svetlana sylvain sylvia sylvie tanja
tatiana teresa thea theresa therese thierry thomas tim timothy tobias tom tomas tomasz torsten
ulrich ulrike ursula uwe valentina valerie vanessa vera veronica veronika veronique victor
victoria viktor vincent virginie vladimir waldemar walter wei wendy werner wilhelm william
wolfgang xavier yan yann yasmin yosef youssef yuki yusuf yves yvonne zoe zofia
"""

GIVEN_NAMES = frozenset(_GIVEN_NAMES_TEXT.split())


# Words with a capital letter that are no names: terms of rationales, and words that begin a
# sentence.
_ORDINARY_TEXT = """
alpha beta theta delta sigma gamma stage epoch epochs spindle spindles sleep wake awake rem
rems nrem sem sems slow rapid complex complexes chin tone eye eyes blink blinks high low mixed
vertex sawtooth arousal arousals movement moves muscle artefact artifact amplitude frequency
electrode lamf waves wave activity continuation onset offset frontal central occipital left
right the this that these there then no not now and but with without within as at after before
also only any all some still see seen since so if in it its is are was were or on of from for
to by may will mark two three four five one first second third last next here hence however
probably unsure unclear definite clear typical same similar compare rule rules lights night
who what why which where when he she we they you how research
subject patient nurse technician doctor scorer rater annotator lead viewer adjudicator
reviewer admin demo score scored unscored background background eog eeg emg ecg hz
"""

ORDINARY = frozenset(_ORDINARY_TEXT.split())


# Shapes of dates, of numbers that name somebody, and of names after a title.
#
# What sleep scorers write all day must not match: 12.5 Hz, 37.5 µV, 12.3-13.1 s, R.2, F4-M1,
# epochs 310-312, 03:12. A time of night without its date identifies nobody.


UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĖĘĚĜĞĠĢĤĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŜŞŠŢŤŪŮŰŲŴŶŸŹŻŽ"
CAPITALISED = rf"(?:[{UPPER}][^\W\d_]*[-'’])*[{UPPER}][^\W\d_]+"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:19|20)\d\d"
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
    r"|Januar|Jänner|Februar|März|Mai|Juni|Juli|Oktober|Dezember"
    r"|[Jj]anvier|[Ff]évrier|[Mm]ars|[Aa]vril|mai|[Jj]uin|[Jj]uillet|[Aa]oût|[Ss]eptembre"
    r"|[Oo]ctobre|[Nn]ovembre|[Dd]écembre|[Ee]nero|[Ff]ebrero|[Mm]arzo|[Aa]bril|[Mm]ayo"
    r"|[Jj]unio|[Jj]ulio|[Aa]gosto|[Ss]eptiembre|[Oo]ctubre|[Nn]oviembre|[Dd]iciembre)"
)
_UNIT = r"(?!\s*(?:samples|points|epochs|[kM]?Hz|m?s\b|m?V\b|[uµμ]V|%|[-–.,]\d))"

DATES = (
    rf"(?<![\w.]){_YEAR}(?P<sep>[-/.])(?:0?[1-9]|1[0-2])(?P=sep){_DAY}(?!\w)",
    rf"(?<![\w.,/-]){_DAY}(?P<sep>[-/.])(?:0?[1-9]|1[0-2])(?P=sep){_YEAR}(?!\w)",
    rf"(?<![\w.,/-])(?:0?[1-9]|1[0-2])(?P<sep>[-/.]){_DAY}(?P=sep){_YEAR}(?!\w)",
    rf"(?<![\w.,/-]){_DAY}(?P<sep>[/.]){_DAY}(?P=sep)\d\d(?![\w/]|[.,]\d)",
    rf"\b{_DAY}(?:st|nd|rd|th|\.)?\s+(?:of\s+|de\s+)?{_MONTH}\b\.?(?:,?\s+(?:de\s+)?{_YEAR})?",
    rf"\b{_MONTH}\.?\s+{_DAY}(?:st|nd|rd|th)?\b(?!\s*(?:[uµμ]?V|[kM]?Hz|s\b|%))(?:,?\s+{_YEAR})?",
    rf"\b{_MONTH}\.?\s+{_YEAR}\b",
    rf"(?i:\bborn\s+(?:in\s+)?)(?P<who>{_YEAR})\b",
    rf"(?i:\b(?:in|since|year)\s+)(?P<who>{_YEAR})\b{_UNIT}",
)

_LABELLED = (
    r"(?i:\b(?:MRN|NHS|SSN|NIR|DOB|medical\s+record|accession|dossier)\b)"
    r"[\s:#]*(?i:(?:no|nr|number|id)\b[.:\s#]*)?"
)
_NUMBERED = (
    r"(?i:\b(?:hospital|patient|subject|case|chart|file|record|folder|study)[\s-]*)"
    r"(?i:(?:no\b\.?|nr\b\.?|number\b|id\b|#)[\s:#.]*)"
)
NUMBERS = (
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"(?:https?://|www\.)\S+",
    rf"{_LABELLED}(?P<who>(?=[\w/-]*\d)[\w/-]{{4,}})",
    rf"{_NUMBERED}(?P<who>(?=[\w/-]*\d)[\w/-]{{3,}})",
    r"\+\d{1,3}[\s().-]{0,2}\d[\d\s().-]{6,}\d",
    r"\(\d{2,4}\)\s?\d{3}[\s.-]?\d{3,4}\b",
    r"(?<![\w.-])\d{3}(?P<sep>[-. ])\d{3}(?P=sep)\d{4}(?![\w-]|\.\d)",
    r"(?<![\w.])0\d(?:[\s.-]\d\d){4}(?!\w)",
    r"(?i:\b(?:tel|phone|fax|ext)\b)[.:\s]*\d[\d\s-]{2,}\d",
    r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])",
    r"(?<![\d.,])\d{6,}(?!\d|[.,]\d)",
    r"\b[A-Za-z]{1,8}[-_]?\d{5,}\b",
    r"\b[\w-]+\.(?i:edf|bdf|rec|eeg|vhdr|xml|rml|csv|txt|pdf|docx?|mp4|avi)\b",
)

_TITLE = (
    r"(?:Drs?|Prof|Professor|Doctor|Mr|Mrs|Ms|Miss|Mme|Mlle|Madame|Monsieur|Herrn?|Frau"
    r"|Señora?|Sra|Dott|[Dd]r)"
)
_BEFORE_A_NAME = (
    r"(?i:named|called|patient|nurse|doctor|technician|technologist|tech|colleague|wife|husband"
    r"|daughter|mother|father|brother|sister|asked|told|thanks\s+to|according\s+to|signed"
    r"|(?:scored|reviewed|checked|read|seen|corrected|noted|agreed|written|discussed)"
    r"\s+(?:by|with))"
)
TITLED = (
    rf"\b{_TITLE}\.?\s+(?:med\.\s+|(?:Dr|Prof)\.?\s+)?(?P<who>{CAPITALISED}(?:\s+{CAPITALISED})?)",
    rf"\b{_BEFORE_A_NAME}\s+(?P<who>{CAPITALISED}(?:\s+{CAPITALISED})?)",
    rf"\b(?:[{UPPER}]\.\s?){{1,2}}(?P<who>{CAPITALISED})",
)


# Names that a study knows: those of its people, and the codes of its subjects and nights.


_SHORTEST = 3
_SHORTEST_CODE = 5


@dataclass(frozen=True)
class KnownNames:
    """Words of people's names, in lower case; account names; codes of subjects and nights."""

    people: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    whole: re.Pattern[str] | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls, *, names: Iterable[str] = (), accounts: Iterable[str] = (), codes: Iterable[str] = ()
    ) -> "KnownNames":
        """Return the names to search for, without ordinary words and very short names."""
        words = {word.lower() for name in names for word in re.findall(r"[^\W\d_]+", name)}
        people = {w for w in words if len(w) >= _SHORTEST} - ORDINARY
        signs = {a.lower() for a in accounts if len(a) > _SHORTEST} - ORDINARY
        long = {c for c in codes if len(c) >= _SHORTEST_CODE and re.search(r"\d", c)}
        return cls(frozenset(people), frozenset(signs), frozenset(long), _alternatives(signs, long))


def known_names(study: Study) -> KnownNames:
    """Return the names of all members of the study, and its codes."""
    people = User.objects.filter(memberships__study=study).distinct()
    rows = list(people.values_list("name", "first_name", "last_name", "username", "email"))
    return KnownNames.of(
        names=[name for row in rows for name in row[:3] if name],
        accounts=[a for row in rows for a in (row[3], row[4].partition("@")[0]) if a],
        codes={
            *study.subjects.values_list("code", flat=True),
            *study.recordings.values_list("name", flat=True),
        },
    )


def _alternatives(accounts: Iterable[str], codes: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern for all account names and codes; None where there are none."""
    plain = [f"(?P<account>(?i:{_any_of(accounts)}))"] if accounts else []
    plain += [f"(?P<code>{_any_of(codes)})"] if codes else []
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(plain)})(?![\w-])") if plain else None


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))
