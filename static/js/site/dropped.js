// What a person dropped or chose: files and folders as a single list, each with its path in what was dropped.

/** All files of a drop, folders walked through, each with its path in what was dropped. */
export async function filesOfDrop(carried) {
  // Entries must be read at once: after the first pause the browser empties the drop.
  const entries = [...carried.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.some(Boolean)) return (await Promise.all(entries.filter(Boolean).map(filesOfEntry))).flat();
  return [...carried.files].map((file) => ({ file, path: file.name }));
}

async function filesOfEntry(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: entry.fullPath.replace(/^\//, "") }];
  }
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    // A reader gives a hundred entries at a time, and none at the end.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return files;
    files.push(...(await Promise.all(some.map(filesOfEntry))).flat());
  }
}

/** The files of an input for files or for a folder. */
export function filesOfInput(input) {
  return [...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/** Call `take(files)` with what is dropped on a zone; a file dropped beside it must not replace the page. */
export function attachDrop(zone, take) {
  const over = (isOver) => (event) => {
    event.preventDefault();
    zone.toggleAttribute("data-over", isOver);
  };
  zone.addEventListener("dragover", over(true));
  zone.addEventListener("dragleave", over(false));
  zone.addEventListener("drop", async (event) => {
    over(false)(event);
    take(await filesOfDrop(event.dataTransfer));
  });
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  zone.dataset.drop = "ready";
}
