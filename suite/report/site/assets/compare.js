// Two runs side by side: whole figures, milliseconds by operator, and by layer of one model.
"use strict";
(() => {
  const runs = JSON.parse(document.getElementById("runs").textContent);
  if (!runs.length) return;
  const place = document.getElementById("beside");
  const made = (tag, properties = {}, ...inside) => {
    const one = Object.assign(document.createElement(tag), properties);
    one.append(...inside);
    return one;
  };
  const name = (run) => `${run.model} on ${run.label}`;

  const chooser = (title, at) => {
    const list = made("select");
    runs.forEach((run, index) => list.append(new Option(name(run), index)));
    list.selectedIndex = at;
    place.append(made("label", {}, title, list));
    return list;
  };
  const wanted = new URLSearchParams(location.search);
  const index = (key, other) => {
    const found = runs.findIndex((run) => run.key === wanted.get(key));
    return found < 0 ? other : found;
  };
  place.classList.add("choosers");
  const first = index("a", 0);
  const likely = runs.findIndex((run, at) => at !== first && run.model === runs[first].model);
  const lists = [
    chooser("First", first),
    chooser("Second", index("b", likely < 0 ? Math.min(1, runs.length - 1) : likely)),
  ];
  const swap = made("button", { type: "button", textContent: "Swap" });
  place.append(swap);
  const answer = made("div", { id: "answer" });
  place.after(answer);

  // Three digits in all, or every one before the point, as the other pages write times.
  const decimals = (value) => (value > 0 ? Math.max(0, 2 - Math.floor(Math.log10(value))) : 0);
  const shown = (value, wanted) => {
    if (value === null || value === undefined) return "–";
    const digits = wanted ?? decimals(value);
    return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  };
  const change = (a, b, better) => {
    if (a === b && a !== null && a !== undefined) return ["equal", ""];
    if (!a || b === null || b === undefined) return ["–", ""];
    const share = b / a - 1;
    const sign = share < 0 ? "−" : "+";
    const kind = better === 0 ? "" : share * better > 0 ? "better" : "worse";
    return [`${sign}${(100 * Math.abs(share)).toFixed(1)} %`, kind];
  };

  const table = (title, head, rows) => {
    const grid = made("table", { className: "beside" });
    grid.append(made("caption", { className: "hidden", textContent: title }));
    const top = grid.createTHead().insertRow();
    for (const [at, words] of [head, "First", "Second", "Change"].entries()) {
      top.append(made("th", { scope: "col", className: at ? "num" : "", textContent: words }));
    }
    const body = grid.createTBody();
    const labels = ["", "First", "Second", "Change"];
    for (const [what, a, b, digits, better] of rows) {
      const row = body.insertRow();
      row.append(made("th", { scope: "row", className: "name", textContent: what }));
      const [words, kind] = change(a, b, better);
      for (const [at, text] of [shown(a, digits), shown(b, digits), words].entries()) {
        const cell = made("td", { className: `num ${at === 2 ? kind : ""}`, textContent: text });
        cell.dataset.label = labels[at + 1];
        row.append(cell);
      }
    }
    const holder = made("div", { className: "scroll", tabIndex: 0 }, grid);
    holder.setAttribute("role", "region");
    holder.setAttribute("aria-label", title);
    return made("section", {}, made("h2", { textContent: title }), holder);
  };

  const both = (a, b) => {
    const found = new Map();
    [a, b].forEach((list, at) => {
      for (const [what, value, digits, better] of list) {
        const row = found.get(what) ?? [what, null, null, digits, better];
        row[at + 1] = value;
        found.set(what, row);
      }
    });
    return [...found.values()].filter((row) => row[1] !== null || row[2] !== null);
  };
  const operators = (run) => {
    const sums = new Map();
    for (const [, op, time] of run.layers) {
      if (time !== null) sums.set(op, (sums.get(op) ?? 0) + time);
    }
    return [...sums].map(([op, time]) => [op, time, null, -1]);
  };
  const layers = (run) => run.layers.map(([what, , time]) => [what, time, null, -1]);

  const draw = () => {
    const [a, b] = lists.map((list) => runs[list.selectedIndex]);
    const most = (row) => -Math.max(row[1] ?? 0, row[2] ?? 0);
    const verdicts = [a, b].filter((run) => run.verdict !== "match").map(name);
    const parts = [table("Figures", "Figure", both(a.figures, b.figures))];
    const byOperator = both(operators(a), operators(b)).sort((x, y) => most(x) - most(y));
    if (byOperator.length) parts.push(table("Milliseconds by operator", "Operator", byOperator));
    if (a.model === b.model) {
      const rows = both(layers(a), layers(b));
      if (rows.length) parts.push(table("Milliseconds by layer", "Layer", rows));
    }
    const wrong = `Answers differ from the reference: ${verdicts.join(", ")}.`;
    if (verdicts.length) parts.unshift(made("p", { className: "wrong", textContent: wrong }));
    answer.replaceChildren(...parts);
    const search = new URLSearchParams({ a: a.key, b: b.key });
    try {
      history.replaceState(null, "", `?${search}`);
    } catch {
      // A page from a disk may not rename itself.
    }
  };
  for (const list of lists) list.addEventListener("change", draw);
  swap.addEventListener("click", () => {
    const was = lists[0].selectedIndex;
    lists[0].selectedIndex = lists[1].selectedIndex;
    lists[1].selectedIndex = was;
    draw();
  });
  draw();
})();
