"""Units of voltage in the spellings of recorders."""

import pytest

from psg.edf.header import decode_text
from psg.units import kept_unit, uv_per_unit

MICROVOLTS = [
    *("uV", "UV", "µV", "μV", "microV", "micro-volt", "microvolts", "uVolt", "uVolts", "[uV]"),
    "mikroV",
    "ｕＶ",
    *("microvol", "MicroVol", "micro vo", "Mikrovol", "Microvoltios", "microvoltio", "мкВ", "mkV"),
]
BYTES = {
    "Latin-1": b"\xb5V",
    "DOS": b"\xe6V",
    "Shift-JIS": b"\x83\xcaV",
    "UTF-8": "µV".encode(),
    "UTF-8, Greek": "μV".encode(),
    "UTF-8 twice": "µV".encode().decode("latin-1").encode(),
    "GBK": "μV".encode("gbk"),
    "EUC-KR": "μV".encode("euc-kr"),
}


@pytest.mark.parametrize("text", MICROVOLTS)
def test_microvolts(text: str):
    assert uv_per_unit(text) == 1.0


@pytest.mark.parametrize("name", BYTES)
def test_the_letter_micro_in_the_codes_of_recorders(name: str):
    assert uv_per_unit(decode_text(BYTES[name])) == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mV", 1e3),
        ("millivolt", 1e3),
        ("V", 1e6),
        ("Volts", 1e6),
        ("nV", 1e-3),
        ("millivol", 1e3),
        ("мВ", 1e3),
    ],
)
def test_other_voltages(text: str, expected: float):
    assert uv_per_unit(text) == expected


@pytest.mark.parametrize("text", [".V", "?V", "", "%", "bpm", "cmH2O", "kV", "uVrms", "IV", "u"])
def test_what_is_no_known_voltage(text: str):
    assert uv_per_unit(text) is None


KEPT = ["%", "bpm", "cmH2O", "mmHg", "degC", "L/s", "l/min", "Ohm", "kOhm", ".V", "mA", "m/s^2"]
KEPT += ["0.1uV", "10uV", "uVrms", "uVp-p", "LSB"]


@pytest.mark.parametrize("text", KEPT)
def test_units_are_kept(text: str):
    assert kept_unit(text) == text


@pytest.mark.parametrize("text", ["Lovelace", "Ada", "A. Byron", "Boolean Ada"])
def test_a_name_in_the_place_of_a_unit_is_not_kept(text: str):
    assert kept_unit(text) == "?"
