// Tables to explore: a click on a column's name sorts, a field above long ones filters. On a phone
// each row is a card whose figures carry the names of their columns.
"use strict";
(() => {
  const LONG = 10;
  const NUMBER = /^[+\-−]?[\d,]*\.?\d+(e[+-]?\d+)?/;

  const words = (cell) => (cell ? cell.textContent.trim().replace(/\s+/g, " ") : "");
  const value = (cell) => {
    const text = cell?.dataset.value ?? words(cell);
    const found = NUMBER.exec(text);
    return found ? Number(found[0].replaceAll(",", "").replace("−", "-")) : null;
  };

  const label = (table, heads) => {
    for (const row of table.querySelectorAll("tbody tr")) {
      if (row.cells.length !== heads.length) continue;
      heads.forEach((head, at) => {
        row.cells[at].dataset.label = head;
      });
    }
  };

  const sortable = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const body = table.tBodies[0];
    const order = [...body.rows];
    heads.forEach((head, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const numeric = head.classList.contains("num");
        const first = numeric ? "descending" : "ascending";
        const other = numeric ? "ascending" : "descending";
        const was = head.getAttribute("aria-sort");
        const next = was === null ? first : was === first ? other : null;
        for (const one of heads) one.removeAttribute("aria-sort");
        if (next === null) return body.append(...order);
        head.setAttribute("aria-sort", next);
        const sign = next === "ascending" ? 1 : -1;
        const key = numeric ? value : words;
        const rows = order.map((row, index) => ({ row, index, key: key(row.cells[at]) }));
        // What has no figure comes last in either order.
        rows.sort((a, b) => {
          if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
          const by = numeric ? a.key - b.key : a.key.localeCompare(b.key, "en", { numeric: true });
          return sign * by || a.index - b.index;
        });
        body.append(...rows.map((one) => one.row));
      });
    });
  };

  const filterable = (table) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    if (rows.length < LONG) return;
    const holder = document.createElement("div");
    const field = document.createElement("input");
    const count = document.createElement("span");
    holder.className = "filter";
    field.type = "search";
    field.placeholder = "Filter rows";
    field.setAttribute("aria-label", `Filter rows: ${table.caption.textContent}`);
    count.setAttribute("aria-live", "polite");
    const tell = () => {
      const wanted = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !wanted.every((word) => text.includes(word));
        shown += !row.hidden;
      }
      count.textContent = wanted.length ? `${shown} of ${rows.length} rows` : `${rows.length} rows`;
    };
    field.addEventListener("input", tell);
    tell();
    holder.append(field, count);
    (table.closest(".scroll") ?? table).before(holder);
  };

  for (const table of document.querySelectorAll("table")) {
    if (!table.tHead) continue;
    label(table, [...table.tHead.rows[0].cells].map(words));
    if (!table.classList.contains("sortable")) continue;
    sortable(table);
    filterable(table);
  }
})();
