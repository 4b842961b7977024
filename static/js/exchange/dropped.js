// What of a drop is worth sending as an import of MASS-EX tables.

const MOST_FILES = 100;

/** What of the files is read here, of a "massex" or "stages" import; throws, in words, where they cannot be sent. */
export function whatIsSent(given, limitBytes, kind = "massex") {
  const isRead = kind === "stages" ? isStageFile : isTable;
  const files = given.filter(({ path }) => isRead(path));
  if (!files.length)
    throw new Error(`No ${kind === "stages" ? "file" : "csv or zip file"} selected. Nothing was sent.`);
  if (files.length > MOST_FILES) {
    const tooMany = `${files.length} files are too many; the limit is ${MOST_FILES}.`;
    throw new Error(`${tooMany} Nothing was sent. Upload the folder as a zip file.`);
  }
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  if (bytes > limitBytes)
    throw new Error(`The files are larger than ${limitBytes / 2 ** 20} MiB, the limit here. Nothing was sent.`);
  return files;
}

/** Which of many formats a stage file has shows in its content; only what systems add is left here. */
function isStageFile(path) {
  const parts = path.split("/");
  return !parts.at(-1).startsWith(".") && !parts.includes("__MACOSX");
}

/** Whether the server would read it: other files, and tables made for spreadsheets, stay here. */
function isTable(path) {
  const parts = path.split("/");
  const name = parts.at(-1);
  if (name.startsWith(".") || parts.includes("spreadsheet") || parts.includes("__MACOSX")) return false;
  return name === "SHA256SUMS" || /\.(csv|zip)$/i.test(name);
}
