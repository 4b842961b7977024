"""Words that say how a statement is meant: that there is none, that it may be, of which epoch."""

from __future__ import annotations

from psg.claims.items import Sort
from psg.claims.words import phrase_table

OTHER_EPOCH = "It speaks of another epoch."
WHOLE_NIGHT = "It speaks of the whole recording."
NOT_CERTAIN = "It is put as a possibility or a condition."
RELATED = "It is named in comparison or relation, not as seen here."
TOO_FEW = "It compares with what a rule asks for."
GIVES_WAY = "It tells of a change over time."

_WORDS: dict[tuple[Sort, str | None], str] = {
    (Sort.NOT, None): "no|not|without|none|neither|never|cannot see|lack of|lack|lacking|absence of"
    "|free of|devoid of|isn't|aren't|doesn't|don't|no evidence of|no sign of|no trace of"
    "|no longer|fail to|no clear|no definite|hardly any",
    (Sort.SEEN, None): "seen|visible|present|observed|detected|identified|evident|found|noted"
    "|recorded|apparent|discernible|detectable|recognisable|recognizable|there|occur|appear|exist"
    "|occurring",
    (Sort.GONE, None): "is absent|are absent|absent|is missing|are missing|is gone|are gone|gone"
    "|is lacking|are lacking|disappeared|has disappeared|have disappeared|is lost|nowhere",
    (Sort.HEDGE, NOT_CERTAIN): "possible|possibly|probable|probably|likely|perhaps|maybe|suspected"
    "|questionable|equivocal|suggest|suggesting|suggestive of|presumed|doubtful|apparently"
    "|a hint of|hint of|if any",
    (Sort.HEDGE, RELATED): "tied to|associated with|related to|linked to|due to|resembling"
    "|resemble|typical of|typical for|characteristic of|consistent with|compatible with|criterion"
    "|criteria for|criterion for|rather than|instead of|similar to|mimicking|indicative of"
    "|indicating|definition of|as in|other|further|additional|as opposed to|threshold of|no other"
    "|no further|no additional|in keeping with|in line with|associated",
    (Sort.BLOCK, OTHER_EPOCH): "epoch before|epoch after|epoch that follow|previous epoch"
    "|preceding epoch|prior epoch|next epoch|following epoch|subsequent epoch|last epoch"
    "|neighbouring epoch|neighboring epoch|adjacent epoch|surrounding epoch|epoch n - 1"
    "|epoch n + 1"
    "|earlier epoch|later epoch|the one before|the one after"
    "|epoch of n1|epoch of n2|epoch of n3|epoch of w|epoch of r|previous one|preceding one",
    (Sort.BLOCK, WHOLE_NIGHT): "in this recording|this sleeper make|of this subject|in this sleeper"
    "|throughout the night|all night|whole night|of the recording|epoch of the night",
    (Sort.BLOCK, NOT_CERTAIN): "cannot|can't|can not|could|would|might|may|may be|if|unless"
    "|whether|?|hard to|difficult to|unclear|uncertain|not sure|not certain|should",
    (Sort.CHANGE, GIVES_WAY): "give way to|giving way to|gave way to|replaced by|evolve into"
    "|evolving into|changing to|change to|transition to|transitioning to|attenuate|attenuated"
    "|attenuating|fading|fade|followed by attenuation of|disappear|disappearing|drop out|diminish"
    "|diminishing",
    (Sort.HEDGE, TOO_FEW): "not enough|too few|too little|insufficient|enough|sufficient",
    (Sort.STAGE, None): "n1|n2|n3|stage w|stage r|wake|wakefulness|rem sleep|stage 1|stage 2"
    "|stage 3|neither w",
    (Sort.DOUBT, NOT_CERTAIN): "like",
    (
        Sort.GLUE,
        None,
    ): "not met|not fulfilled|not satisfied|train of|burst of|run of|series of|episode of"
    "|group of|stretch of|bout of",
    (Sort.AND, None): "and|&|plus|as well as",
    (Sort.WITH, None): "with|together with|along with|accompanied by",
    (Sort.OR, None): "or|nor|/|and / or",
    (Sort.COMMA, None): ",",
    (Sort.CLAUSE, None): "but|while|whereas|although|though|however|yet|except|;",
    (Sort.SENTENCE, None): ".|!|\n",
    (Sort.OPEN, None): "(|[",
    (Sort.CLOSE, None): ")|]",
    (
        Sort.LINK,
        None,
    ): "lasting|in|over|on|at|from|across|of|for|between|around|by|during|within|into|near",
    (Sort.VERB, None): "show|has|have|contain|display|exhibit|reveal|demonstrate|fill|occupy"
    "|run|cover|add up to|sum to|is|are|was|were|exceed|last|remain|stay|become"
    "|lie|make up|comprise|dominate|account for|persist|reach|amount to|take",
    (Sort.LEVEL, "low"): "low|lowest|reduced|minimal|atonic|hypotonic|suppressed|decreased"
    "|low amplitude|low level|at its lowest|quiet|flat",
    (Sort.LEVEL, "high"): "high|higher|elevated|raised|increased|normal|normal or high"
    "|high or normal|active|tonic|sustained|preserved|maintained|well maintained|prominent"
    "|high amplitude|high level",
    (
        Sort.LEVEL,
        "rise",
    ): "rise|rising|rose|increase|increasing|go up|rise in|rise of|increase in|increase of",
    (
        Sort.LEVEL,
        "between",
    ): "moderate|intermediate|medium|variable|fluctuating|lower|low to moderate",
}

MEANINGS = phrase_table(
    (words, meaning) for meaning, wording in _WORDS.items() for words in wording.split("|")
)
