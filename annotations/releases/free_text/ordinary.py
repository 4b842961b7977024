"""Words that begin with a capital letter and yet name nobody."""

# What stands capitalised in rationales, or begins a sentence after "stage R." and the like.
_WORDS = """
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

ORDINARY = frozenset(_WORDS.split())
