// Runs in the page before all other scripts and measures page turns.
// A turn lasts from the time stamp of the key to a message posted from the frame that shows the epoch.
// The message is handled after the page has delivered that frame. Event Timing would round to 8 ms.
// The draw of a turn is the work of the page: key handlers, and callbacks of the frame until the canvas
// is complete. The frame of a turn is the draw and the work of the browser: style, layout, paint, and
// pixels of the canvas. The rest of a turn is the wait for the next frame of the screen.

globalThis.meter = { turns: [], draws: [], frames: [], longTasks: [], saves: [] };

(() => {
  const { meter } = globalThis;

  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => meter.longTasks.push(duration)))
    .observe({ type: "longtask" });

  const channel = new MessageChannel();
  const posted = [];
  channel.port1.onmessage = () => posted.shift()();

  const isShown = () => !document.querySelector('[data-part="traceCanvas"][data-waiting]');
  let handledAt = 0;
  let frameAt = 0;

  // Before all other listeners, so that this frame callback is the first.
  addEventListener("keydown", () => {
    handledAt = performance.now();
    requestAnimationFrame(() => (frameAt = performance.now()));
  }, { capture: true });

  // After the listener of the page, so that its frame callback comes before this callback.
  addEventListener("keydown", ({ timeStamp }) => {
    const handledMs = performance.now() - handledAt;
    meter.pressedAt = timeStamp;
    const frame = () => {
      if (!isShown()) return requestAnimationFrame(frame);
      meter.draws.push(performance.now() - frameAt + handledMs);
      posted.push(() => {
        meter.turns.push(performance.now() - timeStamp);
        meter.frames.push(performance.now() - frameAt + handledMs);
      });
      channel.port2.postMessage(null);
    };
    requestAnimationFrame(frame);
  });

  /** Measures from the key to "saved" in the bar, which follows the answer of the server. */
  meter.watchSaves = (bar) => {
    let before = bar.dataset.state;
    new MutationObserver(() => {
      if (before !== "saved" && bar.dataset.state === "saved") meter.saves.push(performance.now() - meter.pressedAt);
      before = bar.dataset.state;
    }).observe(bar, { attributeFilter: ["data-state"] });
  };
})();
