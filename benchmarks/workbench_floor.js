// The least that a page turn can cost here: each → puts a picture that is ready on a canvas of the same size, and
// changes a word. What remains is the way of the key, the frame, and its pixels to the screen.

({ widthPx, heightPx }) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [widthPx, heightPx];
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  const words = document.createElement("p");
  document.body.replaceChildren(canvas, words);
  const pictures = [255, 250].map((grey) => {
    const picture = new ImageData(widthPx, heightPx);
    picture.data.fill(grey);
    return picture;
  });
  let turn = 0;
  document.addEventListener("keydown", () => {
    turn += 1;
    words.textContent = `epoch ${turn}`;
    requestAnimationFrame(() => context.putImageData(pictures[turn % 2], 0, 0));
  });
}
