// Values under the pointer, and with the arrow keys; a live page is kept up to date. Without this script the page shows all but those.
(() => {
  "use strict";
  const source = document.getElementById("data");

  function format(value, axis) {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    const base = axis.multiples.find(m => m[0] === 1) || axis.multiples[0];
    const [factor, symbol, fixed] = size === 0 ? base : axis.multiples.findLast(m => size >= m[0]) || axis.multiples[0];
    const number = value / factor;
    const digits = axis.whole && Number.isInteger(number) || number === 0 ? 0 : fixed ?? (Math.abs(number) < 10 ? 2 : Math.abs(number) < 100 ? 1 : 0);
    const text = number.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return symbol === "" || symbol === "/s" ? text + symbol : text + " " + symbol;
  }

  const nines = p => -Math.log10(1 - p / 100);
  const isTime = axis => axis.scale !== "percentile";
  const position = (x, axis) => Math.min(1, isTime(axis) ? (x - axis.from) / (axis.to - axis.from) : x >= 100 ? 1 : nines(x) / nines(axis.to));
  const nameOf = (x, axis) => isTime(axis) ? `${+x.toFixed(1)} s` : `${+x.toFixed(6)} %`;
  const nearest = (xs, at, axis) => xs.reduce((best, x, i) => Math.abs(position(x, axis) - at) < Math.abs(position(xs[best], axis) - at) ? i : best, 0);

  function add(parent, name, text, className) {
    const element = document.createElement(name);
    element.textContent = text;
    if (className) element.className = className;
    return parent.appendChild(element);
  }

  const attach = data => {
    for (const chart of data.charts) {
      const plot = document.querySelector(`#${chart.id} .plot`);
      const all = [...new Set(chart.series.flatMap(s => s.x))].sort((a, b) => a - b);
      if (all.length === 0) continue;
      let cursor, tip, index = 0;

      const hide = () => { cursor?.remove(); tip?.remove(); cursor = tip = undefined; };
      const show = at => {
        hide();
        index = nearest(all, at, chart.x);
        const x = all[index], where = position(x, chart.x) * 100;
        cursor = add(plot, "div", "", "cursor");
        cursor.style.left = `${where}%`;
        tip = add(plot, "div", "", "tip");
        tip.style[where > 50 ? "right" : "left"] = `calc(${where > 50 ? 100 - where : where}% + 10px)`;
        add(tip, "b", nameOf(x, chart.x));
        for (const series of chart.series) {
          const line = add(tip, "span", "");
          add(line, "span", series.name);
          // Processes are sampled at moments of their own: the nearest value counts, unless it is too far away to be seen as the same moment.
          const i = nearest(series.x, position(x, chart.x), chart.x);
          const near = series.x.length > 0 && Math.abs(position(series.x[i], chart.x) - where / 100) < 0.02;
          add(line, "span", format(near ? series.y[i] : null, chart.y));
        }
      };

      plot.tabIndex = 0;
      plot.addEventListener("pointermove", e => {
        const box = plot.getBoundingClientRect();
        show((e.clientX - box.left) / box.width);
      });
      plot.addEventListener("pointerleave", hide);
      plot.addEventListener("blur", hide);
      plot.addEventListener("keydown", e => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
        if (e.key === "Escape") hide();
        if (step === undefined) return;
        e.preventDefault();
        show(position(all[Math.min(all.length - 1, Math.max(0, tip ? index + step : index))], chart.x));
      });
    }
  };

  attach(JSON.parse(source.textContent));
  if (source.dataset.live) {
    const lead = document.querySelector(".lead"), sections = document.getElementById("sections");
    const updates = new EventSource(source.dataset.live);
    updates.onmessage = e => {
      // Whoever reads a value keeps it until they are done.
      if (document.querySelector(".tip")) return;
      const page = JSON.parse(e.data), focused = document.activeElement?.closest(".chart")?.id;
      lead.textContent = page.lead;
      sections.innerHTML = page.html;
      attach(page.data);
      if (focused) document.querySelector(`#${focused} .plot`)?.focus({ preventScroll: true });
    };
    updates.onerror = () => { lead.textContent = "The server does not answer any more. What stands here is the last that it said."; };
  }
})();
