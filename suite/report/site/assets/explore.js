// Flamegraphs that zoom and search, and pictures of memory linked with their tables.
"use strict";
(() => {
  const LEAST_PIXELS = 22;

  const made = (tag, properties) => Object.assign(document.createElement(tag), properties);

  const flame = (chart) => {
    const frames = [...chart.children].map((box) => ({
      box,
      left: parseFloat(box.getAttribute("x")),
      width: parseFloat(box.getAttribute("width")),
      title: box.querySelector("title").textContent,
      label: box.querySelector("text"),
    }));
    const [whole] = frames;
    const tools = made("div", { className: "tools" });
    const field = made("input", { type: "search", placeholder: "Search frames" });
    field.setAttribute("aria-label", "Search frames; Enter zooms to the widest found");
    const back = made("button", { type: "button", textContent: "Whole", disabled: true });
    const found = made("span", { className: "found" });
    found.setAttribute("aria-live", "polite");
    const told = made("p", { className: "told", textContent: whole.title });
    tools.append(field, back, found);
    chart.closest(".scroll").before(tools, told);

    const draw = (to) => {
      const room = chart.getBoundingClientRect().width;
      for (const one of frames) {
        const left = Math.max(one.left, to.left);
        const right = Math.min(one.left + one.width, to.left + to.width);
        const share = (right - left) / to.width;
        one.box.style.display = share > 1e-6 ? "" : "none";
        one.box.setAttribute("x", `${(100 * (left - to.left)) / to.width}%`);
        one.box.setAttribute("width", `${100 * Math.max(share, 0)}%`);
        one.label.style.display = share * room < LEAST_PIXELS ? "none" : "inline";
      }
      back.disabled = to === whole;
      told.textContent = to.title;
    };
    const search = () => {
      const wanted = field.value.trim().toLowerCase();
      const hits = frames.filter((one) => wanted && one.title.toLowerCase().includes(wanted));
      for (const one of frames) one.box.classList.toggle("hit", hits.includes(one));
      chart.classList.toggle("searched", wanted !== "");
      // What lies inside another hit is counted with it.
      let end = -1;
      let share = 0;
      for (const one of hits.slice().sort((a, b) => a.left - b.left || b.width - a.width)) {
        if (one.left + one.width <= end + 1e-9) continue;
        share += one.width;
        end = one.left + one.width;
      }
      found.textContent = wanted ? `${hits.length} frames, ${share.toFixed(1)} %` : "";
      return hits;
    };
    field.addEventListener("input", search);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") draw(whole);
      if (event.key !== "Enter") return;
      event.preventDefault();
      const hits = search();
      if (hits.length) draw(hits.reduce((a, b) => (b.width > a.width ? b : a)));
    });
    back.addEventListener("click", () => draw(whole));
    for (const one of frames) {
      one.box.addEventListener("click", () => draw(one));
      one.box.addEventListener("mouseenter", () => {
        told.textContent = one.title;
      });
    }
  };

  const memory = (picture) => {
    const section = picture.closest("section, main");
    const parts = new Map();
    for (const one of section.querySelectorAll("[data-block]")) {
      const key = one.dataset.block;
      parts.set(key, [...(parts.get(key) ?? []), one]);
    }
    const told = made("p", { className: "told", textContent: "Point at a buffer or at its row." });
    picture.before(told);
    const light = (key, on) => {
      picture.classList.toggle("lighted", on);
      for (const one of parts.get(key)) {
        one.classList.toggle("lit", on);
        const title = on && one.querySelector("title");
        if (title) told.textContent = title.textContent;
      }
    };
    for (const [key, own] of parts) {
      for (const one of own) {
        one.addEventListener("mouseenter", () => light(key, true));
        one.addEventListener("mouseleave", () => light(key, false));
      }
      const row = own.find((one) => one.localName === "tr");
      const block = own.find((one) => one.localName !== "tr");
      if (!row || !block) continue;
      block.addEventListener("click", () => {
        row.closest("details")?.setAttribute("open", "");
        row.scrollIntoView({ block: "nearest" });
      });
    }
  };

  for (const chart of document.querySelectorAll("svg.flame")) flame(chart);
  for (const picture of document.querySelectorAll(".picture")) {
    if (picture.querySelector("[data-block]")) memory(picture);
  }
})();
