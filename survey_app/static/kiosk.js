// One device, many members: every visit ends with nothing left behind, by a tap or by itself.
// "Back" never leads into the visit of the member before: a page reached that way goes to the start.
"use strict";
(function () {
  const START = "/e/kiosk", READ_SECONDS = 60, IDLE_SECONDS = 180;
  const ENDS = ["receipt", "used", "elsewhere", "exchanged", "void", "early", "closed", "cancelled", "mismatch", "refused", "cleared"];
  // A ballot on its way is never given up by a clock.
  const BUSY = ["sending"];

  function forget(store) {
    for (const name of Object.keys(store)) { if (name.startsWith("pingjia-")) { store.removeItem(name); } }
  }

  function forgetAll() {
    forget(localStorage);
    forget(sessionStorage);
  }

  // Where a visit leads no further nothing of the answers is needed any more: not in the form, not in memory.
  function forgetAnswers() {
    forget(sessionStorage);
    if (Pingjia.forgetVisit) { Pingjia.forgetVisit(); }
  }

  // What was answered goes at once; the way to the start may take a slow device a while.
  function leave() {
    forgetAnswers();
    forgetAll();
    location.replace(START);
  }

  const begin = document.getElementById("kiosk-begin");
  if (begin) {
    forgetAll();
    begin.addEventListener("click", () => {
      const search = new URLSearchParams(location.search);
      search.set("kiosk", "1");
      location.assign("/e/code?" + search);
    });
    return;
  }

  // A page loaded anew knows no answers of before. A credential under way stays: the code brings it back.
  forget(sessionStorage);
  Pingjia.shared = true;
  if (location.hash) { history.replaceState(null, "", location.pathname + location.search); }

  const visit = performance.getEntriesByType("navigation")[0];
  window.addEventListener("pageshow", (event) => { if (event.persisted) { leave(); } });
  if (visit ? visit.type === "back_forward" : performance.navigation.type === 2) {
    Pingjia.missing.push("kiosk");
    location.replace(START);
    return;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const bar = document.getElementById("kiosk-next"), left = document.getElementById("kiosk-left");
    let seconds = IDLE_SECONDS;
    const shown = () => document.documentElement.dataset.shown;
    const again = () => { seconds = ENDS.includes(shown()) ? READ_SECONDS : IDLE_SECONDS; };
    const arrived = () => { if (ENDS.includes(shown())) { forgetAnswers(); } again(); };
    bar.querySelector("button").addEventListener("click", leave);
    new MutationObserver(arrived).observe(document.documentElement, { attributes: true, attributeFilter: ["data-shown"] });
    for (const kind of ["pointerdown", "keydown", "input"]) { document.addEventListener(kind, again); }
    const clock = setInterval(() => {
      bar.hidden = BUSY.includes(shown());
      if (bar.hidden) { return; }
      seconds -= 1;
      left.textContent = left.dataset.text.replace("{n}", seconds);
      if (seconds > 0) { return; }
      // Once: each further call would give up the one before, and a slow device would never get away.
      clearInterval(clock);
      leave();
    }, 1000);
  });
})();
