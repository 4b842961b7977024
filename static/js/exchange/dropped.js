// What of a drop is worth sending as an import of MASS-EX tables.

const MOST_FILES = 100;

/** The tables among the files; throws, in words for the person, where they cannot be sent. */
export function whatIsSent(given, limitBytes) {
  const files = given.filter(({ path }) => isTable(path));
  if (!files.length) throw new Error("No csv or zip file selected. Nothing was sent.");
  if (files.length > MOST_FILES) {
    const tooMany = `${files.length} files are too many; the limit is ${MOST_FILES}.`;
    throw new Error(`${tooMany} Nothing was sent. Upload the folder as a zip file.`);
  }
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  if (bytes > limitBytes)
    throw new Error(`The files are larger than ${limitBytes / 2 ** 20} MiB, the limit here. Nothing was sent.`);
  return files;
}

/** Whether the server would read it: other files, and tables made for spreadsheets, stay here. */
function isTable(path) {
  const parts = path.split("/");
  const name = parts.at(-1);
  if (name.startsWith(".") || parts.includes("spreadsheet") || parts.includes("__MACOSX")) return false;
  return name === "SHA256SUMS" || /\.(csv|zip)$/i.test(name);
}
