/* Asks whether somebody is there before the session ends for idleness, and covers the page once it has ended.
   What was typed stays: when the same person has signed in in another tab, the page opens again as it was. */
(() => {
  "use strict";
  const box = document.querySelector("dialog[data-lv-session]");
  if (!box || !box.showModal) return;
  const { lvSession: place, lvPerson: person } = box.dataset;
  /* Three minutes to answer, where WCAG 2.2.1 wants twenty seconds at least. */
  const EVERY = 10_000, WARNED = 180_000, NOTED = 60_000;
  let ends = Date.now() + 1000 * Number(box.dataset.lvLeft);
  let told = Date.now(), token = "", state = "", known = false;

  /* What the server says; nothing when the session has ended, and the last word when the network is away. */
  async function ask(method) {
    const headers = method === "POST" ? { "X-CSRFToken": token } : {};
    try {
      const answer = await fetch(place, { method, headers, redirect: "manual", cache: "no-store" });
      return answer.ok ? await answer.json() : answer.status >= 500 ? null : { left: 0 };
    } catch { return null; }
  }

  async function look(method = "GET") {
    if (method === "POST" && !token) take(await ask("GET"));
    const said = await ask(method);
    if (said && said.left && said.person !== person) { window.location.reload(); return; }
    take(said);
    draw(said);
  }

  function take(said) {
    if (!said) return;
    ends = Date.now() + 1000 * said.left;
    if (!said.token) return;
    token = said.token;
    /* Signing in again has made the tokens of this page's forms void. */
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  }

  function draw(said) {
    const left = ends - Date.now();
    if (left <= 0) show("ended");
    else if (left > WARNED || known) hide();
    else show(said?.longest ? "longest" : "warning", said?.until);
  }

  function show(next, until) {
    for (const each of box.querySelectorAll("[data-lv-until]")) if (until) each.textContent = until;
    if (state === next && box.open) return;
    state = next;
    for (const part of box.querySelectorAll("[data-lv-when]")) part.hidden = part.dataset.lvWhen !== next;
    for (const title of box.querySelectorAll("[data-lv-title]")) title.id = title.parentElement.hidden ? "" : "lv-session-title";
    box.classList.toggle("lv-session--ended", next === "ended");
    if (box.open) box.close();
    box.showModal();
  }

  function hide() { state = ""; if (box.open) box.close(); }

  function here() {
    if (state || Date.now() - told < NOTED) return;
    told = Date.now();
    look("POST");
  }

  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-lv-stay]")) look("POST");
    else if (event.target.closest("[data-lv-known]")) { known = true; hide(); }
    else if (event.target.closest("[data-lv-again]")) { known = false; look(); }
  });
  /* Escape says that somebody is there; it doesn't uncover a page whose session has ended. */
  box.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (state === "warning") look("POST");
    else if (state === "longest") { known = true; hide(); }
  });
  box.addEventListener("close", () => { if (state === "ended" && !box.open) box.showModal(); });
  for (const sign of ["keydown", "pointerdown", "scroll"]) {
    document.addEventListener(sign, here, { capture: true, passive: true });
  }
  const back = () => { if (state === "ended" || ends - Date.now() <= WARNED) look(); };
  window.addEventListener("focus", back);
  window.addEventListener("pageshow", back);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) back(); });
  /* A clock that is looked at, not one that rings: a machine that slept finds out as it wakes. */
  window.setInterval(() => {
    if (state !== "ended" && ends - Date.now() <= WARNED) { if (ends <= Date.now()) known = false; look(); }
  }, EVERY);
})();
