// The rater's endpoints. Items are known by an opaque code and by nothing else.

import { json, request } from "../workbench/api.js";

export function createApi({ root, ratingStudy }) {
  const slot = (code) => `${root}/rating/${code}`;
  return {
    queue: () => json(`${root}/rating-studies/${ratingStudy}/queue/`),
    item: (code) => json(`${slot(code)}/`),
    save: (code, body) => json(`${slot(code)}/`, "PUT", body),
    imageUrl: (code, which) => `${slot(code)}/${which}.png`,
    signals: async (code) => (await request(`${slot(code)}/signals/`)).arrayBuffer(),
  };
}
