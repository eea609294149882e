// Turns the links to the boards of a page into tabs: arrow keys, Home and End move between them.
"use strict";
(() => {
  const list = document.querySelector("nav.tabs");
  const links = [...list.querySelectorAll("a")];
  const panels = links.map((link) => document.getElementById(link.hash.slice(1)));
  const holder = document.createElement("div");
  holder.className = "tabs";
  holder.setAttribute("role", "tablist");
  holder.setAttribute("aria-label", list.getAttribute("aria-label"));
  holder.append(...links);
  list.replaceWith(holder);

  const open = (index, focus) => {
    links.forEach((link, at) => {
      const chosen = at === index;
      link.setAttribute("aria-selected", String(chosen));
      link.tabIndex = chosen ? 0 : -1;
      panels[at].classList.toggle("open", chosen);
    });
    if (focus) links[index].focus();
  };

  links.forEach((link, index) => {
    link.setAttribute("role", "tab");
    link.id = `${panels[index].id}-tab`;
    link.setAttribute("aria-controls", panels[index].id);
    panels[index].setAttribute("role", "tabpanel");
    panels[index].setAttribute("aria-labelledby", link.id);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", link.hash);
      open(index, false);
    });
    link.addEventListener("keydown", (event) => {
      const last = links.length - 1;
      const to = {
        ArrowRight: index === last ? 0 : index + 1,
        ArrowLeft: index === 0 ? last : index - 1,
        Home: 0,
        End: last,
        " ": index,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      history.replaceState(null, "", links[to].hash);
      open(to, true);
    });
  });

  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const index = panels.findIndex((panel) => target && panel.contains(target));
    open(Math.max(index, 0), false);
    if (index >= 0 && target !== panels[index]) target.scrollIntoView();
  };
  window.addEventListener("hashchange", follow);
  follow();
})();
