// Worker: draws all traces of an epoch into a picture of its own.

import { rawEpochUv, tracePoints } from "./samples.js";

let canvas = null;

function stroke(context, width, { samples, raw, spanPx, pxPerCount, centrePx, colour }) {
  const { x, y, count } = tracePoints(samples ?? rawEpochUv(raw), width, spanPx);
  context.beginPath();
  for (let i = 0; i < count; i++) context.lineTo(x[i], centrePx + y[i] * pxPerCount);
  context.strokeStyle = colour;
  context.stroke();
}

onmessage = ({ data: { edition, epoch, width, height, line, traces } }) => {
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  context.lineWidth = line;
  context.lineJoin = "bevel";
  for (const trace of traces) stroke(context, width, trace);
  const bitmap = canvas.transferToImageBitmap();
  postMessage({ edition, epoch, bitmap }, [bitmap]);
};
