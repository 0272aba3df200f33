/* Draws a sending anew every second. Without this script the page shows the same when it is reloaded. */
(() => {
  "use strict";
  const clock = document.querySelector("[data-lv-draws]");
  if (!clock) return;
  const words = clock.dataset.lvWords;
  const address = clock.dataset.lvDraws;

  async function draw() {
    let over = false;
    try {
      const answer = await fetch(address, { headers: { "X-Luvalla-Part": "1" } });
      if (answer.ok && !answer.redirected) over = put(await answer.text());
    } catch { /* the network is away: the next look may find it */ }
    if (over) window.location.reload();
    else window.setTimeout(draw, document.hidden ? 5000 : 1000);
  }

  /* The server's own markup, escaped there. What has the focus in it stays as it is. */
  function put(markup) {
    const fresh = document.createRange().createContextualFragment(markup);
    for (const part of fresh.querySelectorAll("[data-lv-part]")) {
      const old = document.querySelector(`[data-lv-part="${part.dataset.lvPart}"]`);
      if (old && !old.contains(document.activeElement) && old.innerHTML !== part.innerHTML) {
        old.innerHTML = part.innerHTML;
      }
    }
    const figures = fresh.querySelector("[data-lv-at]");
    if (figures) clock.textContent = `${words} ${figures.dataset.lvAt}`;
    return Boolean(figures && "lvOver" in figures.dataset);
  }

  clock.textContent = `${words} ${clock.textContent.trim().split(" ").pop()}`;
  window.setTimeout(draw, 1000);
})();
