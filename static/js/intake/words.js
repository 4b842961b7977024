// How facts of a recording are worded: lengths, times of day, sizes, counts.

const DAY_S = 86_400;

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.round(seconds)} s`;
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}

export function clock(seconds) {
  if (!Number.isFinite(seconds)) return "";
  const whole = Math.round(seconds) % DAY_S;
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function size(bytes) {
  const mib = bytes / 2 ** 20;
  return mib >= 1 ? `${mib.toFixed(1)} MiB` : `${Math.max(1, Math.round(bytes / 1024))} KiB`;
}

/** Texts as sentences, each with its full stop. */
export function sentences(...texts) {
  return texts
    .filter(Boolean)
    .map((text) => (/[.?!:]$/.test(text) ? text : `${text}.`))
    .join(" ");
}

const LONGEST_NAME = 80;
// Letters and marks that turn the direction of the words after them.
const TURNS = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/;

/** A name in a folder, without the folder, as it is shown in a sentence: not too long, and turning no other words. */
export function fileName(path) {
  const name = path.split("/").at(-1);
  const short = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 30)}…${name.slice(-29)}` : name;
  return TURNS.test(short) ? `\u2066${short}\u2069` : short;
}

/** The first names of files, for a sentence. */
export function fileNames(paths) {
  const more = paths.length > 3 ? " and others" : "";
  return `${paths.slice(0, 3).map(fileName).join(", ")}${more}`;
}

export function sourceText(source) {
  if (!source) return "";
  return source.negative ? `${source.positive} - ${source.negative}` : source.positive;
}
