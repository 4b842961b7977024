// A page drawn by Plotly: the same epochs of the same night in the same size, with six traces and the
// same part of both neighbours as in the workbench. Each → redraws it with Plotly.react. This is the
// best case for Plotly: only samples inside the view, no hover, no legend, no grid.

async ({ night, widthPx, heightPx, sideShare, turns }) => {
  const EPOCH_S = 30;
  const NAMES = ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin native"];
  const BLOCK = 8;
  const sideS = (EPOCH_S * sideShare) / (1 - 2 * sideShare);

  const url = `/api/v1/recordings/${night}`;
  const layout = await (await fetch(`${url}/layout/`)).json();
  const channels = NAMES.map((name) => layout.channels.find((channel) => channel.name === name));
  const blocks = [];
  for (let first = 0; first < turns + 2; first += BLOCK) {
    blocks.push(await (await fetch(`${url}/epochs/${first}/?count=${BLOCK}`)).arrayBuffer());
  }

  const samples = (epoch, { offset_bytes: offset, samples_per_epoch: count }) =>
    new Int16Array(blocks[Math.floor(epoch / BLOCK)], (epoch % BLOCK) * layout.record_size + offset, count);

  const trace = (epoch, channel, index) => {
    const per = channel.samples_per_epoch;
    const perS = per / EPOCH_S;
    const first = Math.round((EPOCH_S - sideS) * perS);
    const count = Math.round((EPOCH_S + 2 * sideS) * perS);
    const all = [-1, 0, 1].map((offset) => samples(epoch + offset, channel));
    const y = Float32Array.from(
      { length: count },
      (_, i) => all[Math.floor((first + i) / per)][(first + i) % per] * channel.scale_uv,
    );
    const x = Float32Array.from({ length: count }, (_, i) => i / perS - sideS);
    return {
      x, y, type: "scatter", mode: "lines", line: { width: 1 }, yaxis: index ? `y${index + 1}` : "y", hoverinfo: "skip",
    };
  };

  const axes = Object.fromEntries(channels.map((_, index) => {
    const domain = [1 - (index + 1) / channels.length, 1 - index / channels.length];
    return [index ? `yaxis${index + 1}` : "yaxis", { domain, range: [75, -75], visible: false, fixedrange: true }];
  }));
  const figure = {
    width: widthPx, height: heightPx, showlegend: false, hovermode: false, margin: { l: 0, r: 0, t: 0, b: 0 },
    xaxis: { range: [-sideS, EPOCH_S + sideS], visible: false, fixedrange: true }, ...axes,
  };
  const pages = Array.from({ length: turns }, (_, turn) =>
    channels.map((channel, index) => trace(turn + 1, channel, index)),
  );

  const plot = document.createElement("div");
  document.body.replaceChildren(plot);
  await Plotly.newPlot(plot, pages[0], figure, { staticPlot: true });
  let turn = 0;
  document.addEventListener("keydown", () => {
    turn = (turn + 1) % pages.length;
    Plotly.react(plot, pages[turn], figure, { staticPlot: true });
  });
}
