"""Shapes of dates, of numbers that name somebody, and of names after a title.

What sleep scorers write all day must not match: 12.5 Hz, 37.5 µV, 12.3-13.1 s, R.2, F4-M1,
epochs 310-312, 03:12. A time of night without its date tells nobody's name.
"""

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
_SAID_OF = (
    r"(?i:named|called|patient|nurse|doctor|technician|technologist|tech|colleague|wife|husband"
    r"|daughter|mother|father|brother|sister|asked|told|thanks\s+to|according\s+to|signed"
    r"|(?:scored|reviewed|checked|read|seen|corrected|noted|agreed|written|discussed)"
    r"\s+(?:by|with))"
)
TITLED = (
    rf"\b{_TITLE}\.?\s+(?:med\.\s+|(?:Dr|Prof)\.?\s+)?(?P<who>{CAPITALISED}(?:\s+{CAPITALISED})?)",
    rf"\b{_SAID_OF}\s+(?P<who>{CAPITALISED}(?:\s+{CAPITALISED})?)",
    rf"\b(?:[{UPPER}]\.\s?){{1,2}}(?P<who>{CAPITALISED})",
)
