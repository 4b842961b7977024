// How each derivation is drawn, for people and as the model's images have it.

const KINDS = { "F4-M1": "brain", "C4-M1": "brain", "O2-M1": "brain", "E1-M2": "eye", "E2-M2": "eye", Chin: "muscle" };
export const DERIVATIONS = Object.keys(KINDS);
const HUMAN_COLOURS = { brain: "--trace-line", eye: "--trace-eye", muscle: "--trace-muscle" };

// The published image specification: colours, and the amplitude of half a band.
const MODEL_COLOURS = {
  "F4-M1": "#ffff00", "C4-M1": "#00ff00", "O2-M1": "#ff0000",
  "E1-M2": "#00ffff", "E2-M2": "#ff00ff", Chin: "#0000ff",
};
const MODEL_HALF_BAND_UV = { brain: 50, eye: 50, muscle: 40 };

/**
 * Bands from top to bottom: which channel, its colour, and pixels a microvolt (negative draws upwards).
 * People get the chin at its native rate, for at 100 Hz it is aliased; the model never saw that one.
 */
export function bands({ derivations, signals, settings, heightPx, pxPerUv, colour }) {
  const bandPx = heightPx / derivations.length;
  return derivations.map((name, index) => {
    const kind = KINDS[name];
    const model = settings.model;
    return {
      name,
      channel: !model && name === "Chin" && signals.has("Chin native") ? "Chin native" : name,
      colour: model ? MODEL_COLOURS[name] : colour(HUMAN_COLOURS[kind]),
      centrePx: (index + 0.5) * bandPx,
      pxPerUv: model ? -bandPx / (2 * MODEL_HALF_BAND_UV[kind]) : pxPerUv * (settings.negativeUp ? 1 : -1),
    };
  });
}
