// Loaded before each test: the data block that every page has, as the server writes it.

globalThis.document = {
  getElementById: (id) => (id === "registries" ? { textContent: process.env.REGISTRIES } : null),
};
