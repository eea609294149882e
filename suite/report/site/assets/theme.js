// Light, dark or as the system has it. Runs before the page is drawn, so nothing flashes.
"use strict";
(() => {
  const KEY = "tinyrig-theme";
  const ORDER = ["auto", "light", "dark"];
  const page = document.documentElement;
  page.classList.add("js");

  const kept = () => {
    try {
      const theme = localStorage.getItem(KEY);
      return ORDER.includes(theme) ? theme : "auto";
    } catch {
      return "auto";
    }
  };
  const use = (theme) => {
    if (theme === "auto") delete page.dataset.theme;
    else page.dataset.theme = theme;
  };
  use(kept());

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("button.theme");
    let theme = kept();
    const tell = () => {
      button.querySelector("span").textContent = theme;
    };
    tell();
    button.hidden = false;
    button.addEventListener("click", () => {
      theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
      try {
        localStorage.setItem(KEY, theme);
      } catch {
        // Without storage the choice holds for this page.
      }
      use(theme);
      tell();
    });
  });
})();
