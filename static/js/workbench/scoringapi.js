// A scoring on the server.

import { json } from "./server.js";

export function scoringApi({ root, scoringId }) {
  const scoring = `${root}/scorings/${scoringId}`;
  return {
    scoring: () => json(`${scoring}/`),
    saveEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/`, "PUT", body),
    findings: () => json(`${scoring}/findings/`),
    lockEpoch: (epoch, body) => json(`${scoring}/epochs/${epoch}/lock/`, "POST", body),
    suggestions: (first, count) => json(`${scoring}/suggestions/?first=${first}&count=${count}`),
    suggestedStages: () => json(`${scoring}/suggestions/stages/`),
    candidates: (first, count) => json(`${scoring}/candidates/?first=${first}&count=${count}`),
    claims: (first, count) => json(`${scoring}/claims/?first=${first}&count=${count}`),
    history: (epoch) => json(`${scoring}/epochs/${epoch}/history/`),
    lights: () => json(`${scoring}/lights/`),
    saveLights: (body) => json(`${scoring}/lights/`, "PUT", body),
    submit: (body) => json(`${scoring}/submit/`, "POST", body),
  };
}
