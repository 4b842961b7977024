// Worker: finds what the traces of an epoch cover of each pixel column.

import { rawEpochUv, traceColumns, tracePoints } from "./samples.js";

onmessage = ({ data: { edition, epoch, width, line, traces } }) => {
  const columns = traces.map(({ samples, raw, spanPx, pxPerCount, centrePx }) =>
    traceColumns(tracePoints(samples ?? rawEpochUv(raw), width, spanPx), { width, pxPerCount, centrePx, line }));
  postMessage({ edition, epoch, columns }, columns.map(({ buffer }) => buffer));
};
