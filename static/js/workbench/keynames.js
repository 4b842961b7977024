// What a key is called. Letters and signs go by what the cap says (event.key), so Z is undo wherever Z lies.
// Digits of the top row go by place (event.code): a French keyboard types them with Shift only, and a scorer
// means the key. Keyboards without Latin letters, and umlauts in the place of a sign, fall back on the place.

const CAPS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Delete: "Del", Escape: "Esc" };
const PLACES = {
  Semicolon: ";", Comma: ",", Period: ".", Slash: "/", Minus: "-", Equal: "=", Quote: "'", BracketLeft: "[", BracketRight: "]",
};
const NO_NAMES = new Set(["Dead", "Process", "Unidentified", "Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"]);

const isLetter = (key) => /^\p{L}$/u.test(key);
const isAscii = (key) => /^[\x20-\x7e]+$/.test(key);

/** Every name of a key event, the best first: modifiers before the key, letters in capitals, shift left out of signs. */
export function keyNames({ key, code = "", ctrlKey, metaKey, shiftKey }) {
  const ctrl = ctrlKey || metaKey ? "Ctrl+" : "";
  const shifted = `${ctrl}${shiftKey ? "Shift+" : ""}`;
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  const place = PLACES[code] ?? /^Key([A-Z])$/.exec(code)?.[1];
  const byKey = NO_NAMES.has(key) ? [] : [nameByKey(key, ctrl, shifted)];
  if (digit === key) return [shifted + digit];
  if (digit) return shiftKey ? [...byKey, shifted + digit] : [ctrl + digit, ...byKey];
  return place && !isAscii(key) ? [...byKey, shifted + place] : byKey;
}

function nameByKey(key, ctrl, shifted) {
  if (key === " ") return `${shifted}Space`;
  if (isLetter(key)) return shifted + key.toUpperCase();
  return (key.length > 1 ? shifted : ctrl) + key;
}

/** The digit or letter meant, whatever is held down with it; "" for any other key. */
export function plainKey(event) {
  return keyNames(event).map((name) => name.replace(/^(Ctrl\+|Shift\+)+(?=.)/, "")).find((name) => /^[0-9A-Z]$/.test(name)) ?? "";
}

/** A name as it is written on the page: "Shift+ArrowLeft" is "Shift ←". */
export function keyLabel(name) {
  const [, modifiers, key] = /^((?:Ctrl\+|Shift\+)*)(.+)$/.exec(name);
  return `${modifiers.replaceAll("+", " ")}${CAPS[key] ?? key}`;
}

/** The digit of 1 to 9 that was pressed with nothing held down, by any of its names, else 0. */
export function plainDigit(event) {
  return Number(keyNames(event).find((name) => /^[1-9]$/.test(name)) ?? 0);
}
