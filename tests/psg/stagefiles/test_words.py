"""Words for stages and other events in stage files."""

import pytest

from psg.stagefiles.events import known_channel, known_event
from psg.stagefiles.words import stage_word
from psg.stages import Stage

W, N1, N2, N3, R = Stage

KNOWN = {
    W: "W, wake, Awake, Sleep stage W, SLEEP-S0, S0, Stage W, Wach, Wachheit, Éveil, EVEIL, Veille,"
    " N0, Wachstadium,"
    " Vigilia, Despierto, Veglia, Vigília, Acordado, Waak, Wakker, Sleep stage W@@EEG C4-M1",
    N1: "N1, n1, NREM1, NREM 1, Non-REM 1, Stage 1, Sleep stage N1, S1, SLEEP-S1, Stadium 1,"
    " Stade 1, Fase 1, Estadio N1, Estágio 1, Stadio 1, Slaapstadium 1, Schlafstadium 1, Stage I",
    N2: "N2, Sleep stage 2, N-2, S2, NREM2, NREM stage 2, Light sleep N2,"
    " Sommeil lent léger N2, Stage N2, Etapa 2, Sueño N2, Sono N2, sleep_stage_n2",
    N3: "Deep sleep,"
    " N3, N4, S3, S4, Sleep stage 3, Sleep stage 4, NREM3, NREM4, SWS, Stade 4, Stage IV",
    R: "Traumschlaf, R, REM, Sleep stage R, Stage REM, SLEEP-REM, REM-Schlaf, Rapide, Paradoxal,"
    " Sommeil paradoxal, Sueño REM, Sono REM, Sonno REM, MOR, REM sleep, REM-slaap,"
    " Stadium REM, Sleep stage REM",
    None: "End, Ende,"
    " ?, Sleep stage ?, unknown, Unscored, M, MT, Movement, Movement time, Sleep stage M,"
    " Bewegung, Mouvement, Movimiento, Art, artefact, n/a, Nicht bewertet, Inconnu",
}

DRESSED = {
    W: ["Wake|0", '["Sleep stage W"]', "Stage: W", "StageW"],
    N2: ["Stage 2 (N2)", "Stage: N2", "Stage: 2", "Staging N2", "Stage 2 sleep|2", "StageN2"],
    R: ["REM|5", "Hypnogram: REM", "R (REM)"],
}


@pytest.mark.parametrize(
    ("text", "stage"), [(text, stage) for stage, texts in DRESSED.items() for text in texts]
)
def test_a_stage_is_read_in_the_dress_of_a_program(text: str, stage: Stage):
    word = stage_word(text)
    assert word is not None
    assert word.stage is stage


@pytest.mark.parametrize("text", ["N2 (N3)", "N2 (artefact)", "Stage 2 (Beispiel)", "Stage7"])
def test_two_names_that_differ_are_no_stage(text: str):
    assert stage_word(text) is None


@pytest.mark.parametrize(
    ("text", "stage"),
    [(text.strip(), stage) for stage, texts in KNOWN.items() for text in texts.split(",")],
)
def test_a_word_for_a_stage_is_read_in_every_language(text: str, stage: Stage | None):
    word = stage_word(text)
    assert word is not None
    assert word.stage == stage


OTHERS = """N2 arousal, REM off, Wachsmann, N5, Stage 5, NR, N, S, Schlaf, W!, 1, 30, Artefakt,
light, deep, Sleep stage, Sleep stage X, R-wave, Rapid, N23"""


@pytest.mark.parametrize("text", [text.strip() for text in OTHERS.split(",")])
def test_other_texts_are_never_stages(text: str):
    assert stage_word(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Arousal (Spontaneous) by Mrs Lovelace", "arousal"),
        ("Obstructive Apnea", "obstructive apnea"),
        ("Zentrale Apnoe", "central apnea"),
        ("Hypopnée obstructive", "obstructive hypopnea"),
        ("Ipopnea", "hypopnea"),
        ("SpO2 desaturation", "desaturation"),
        ("PLM", "periodic limb movement"),
        ("Limb movement - left", "limb movement"),
        ("Schnarchen", "snore"),
        ("Artefakt", "artefact"),
    ],
)
def test_only_known_names_of_events_are_kept(text: str, name: str):
    kept = known_event(text)
    assert kept is not None
    assert kept[1] == name


@pytest.mark.parametrize(
    ("label", "kept"),
    [("EEG C4-M1", "EEG C4-M1"), ("Nasal pressure", "Nasal pressure"), ("Ada Lovelace", "")],
)
def test_only_known_labels_of_channels_are_kept(label: str, kept: str):
    assert known_channel(label) == kept
