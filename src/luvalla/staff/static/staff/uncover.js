/* Shows an address in its place for half a minute. Without this script the same is a page of its own. */
(() => {
  "use strict";
  const part = { "X-Luvalla-Part": "1" };

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-lv-uncover]");
    if (!link) return;
    event.preventDefault();
    const place = link.closest("[data-lv-look]");
    const answer = await fetch(link.href, { headers: part });
    if (!answer.ok) { window.location.assign(link.href); return; }
    open(place, link, await answer.text());
  });

  function open(place, link, markup) {
    const covered = place.innerHTML;
    const box = document.createElement("div");
    box.className = "lv-ask";
    put(box, markup);
    link.hidden = true;
    place.append(box);
    box.querySelector("input:not([type=hidden])")?.focus();

    const cover = () => { place.innerHTML = covered; place.querySelector("[data-lv-uncover]")?.focus(); };
    box.addEventListener("click", (event) => {
      if (!event.target.closest("[data-lv-cover]")) return;
      event.preventDefault();
      cover();
    });
    box.addEventListener("submit", async (event) => {
      event.preventDefault();
      const form = event.target;
      const answer = await fetch(form.action, { method: "POST", headers: part, body: new FormData(form) });
      put(box, await answer.text());
      const opened = box.querySelector("[data-lv-opened]");
      if (opened) {
        box.setAttribute("role", "status");
        window.setTimeout(cover, 1000 * Number(opened.dataset.lvOpened));
      }
    });
  }

  /* The server's own markup, escaped there. */
  function put(box, markup) { box.replaceChildren(document.createRange().createContextualFragment(markup)); }
})();
