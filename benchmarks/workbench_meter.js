// Runs in the page before anything else does and times what the page does.
// A turn lasts from the key's own time stamp to a message posted from the frame that shows the epoch:
// the message is handled once the page has handed that frame over. Event Timing would round to 8 ms.
// Its draw is what the page itself does for it: the key's handlers, and the frame's callbacks until the
// canvas has all it is to show. Its frame is the draw and all that the browser then does of its own:
// style, layout, paint, the canvas's pixels. The rest of a turn is the wait for the screen's next frame.

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

  // Before anybody's listener, so that our frame callback is the first.
  addEventListener("keydown", () => {
    handledAt = performance.now();
    requestAnimationFrame(() => (frameAt = performance.now()));
  }, { capture: true });

  // After the page's own listener on the document, so that its frame callback comes before ours.
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

  /** From the key to "saved" in the bar, which follows the server's answer. */
  meter.watchSaves = (bar) => {
    let before = bar.dataset.state;
    new MutationObserver(() => {
      if (before !== "saved" && bar.dataset.state === "saved") meter.saves.push(performance.now() - meter.pressedAt);
      before = bar.dataset.state;
    }).observe(bar, { attributeFilter: ["data-state"] });
  };
})();
