// The rater's endpoints. Items are known by an opaque code and by nothing else.

import { bytes, json, preferencesApi } from "../workbench/server.js";

export function createApi({ root, ratingStudy }) {
  const slot = (code) => `${root}/rating/${code}`;
  return {
    ...preferencesApi(root),
    queue: () => json(`${root}/rating-studies/${ratingStudy}/queue/`),
    item: (code) => json(`${slot(code)}/`),
    keepStage: (code, stage) => json(`${slot(code)}/stage/`, "PUT", { stage }),
    fix: (code, body) => json(`${slot(code)}/gold/`, "POST", body),
    save: (code, body) => json(`${slot(code)}/`, "PUT", body),
    imageUrl: (code, which) => `${slot(code)}/${which}.png`,
    signals: (code) => bytes(`${slot(code)}/signals/`),
    rawLayout: (code) => json(`${slot(code)}/raw/`),
    rawSignals: (code) => bytes(`${slot(code)}/signals/?view=raw`),
  };
}
