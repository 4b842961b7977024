// One key pressed to be given to a command: its names, or in words why it cannot be given.

import { keyLabel, keyNames } from "./keynames.js";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock"]);
const BROWSERS = /^((Ctrl\+(Shift\+)?[TNWQRLKJPI0-9])|((Ctrl\+)?(Shift\+)?F\d+)|ContextMenu|PrintScreen)$/;

/** {names}, {refused}, or null where only a modifier went down. */
export function captured(event) {
  if (MODIFIERS.has(event.key)) return null;
  if (event.altKey) return { refused: "Keys with Alt belong to the browser: take another." };
  const names = keyNames(event);
  if (!names.length) return { refused: "That key has no name of its own: take another." };
  if (BROWSERS.test(names[0])) return { refused: `${keyLabel(names[0])} belongs to the browser: take another.` };
  return { names };
}
