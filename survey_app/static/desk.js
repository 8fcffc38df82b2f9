/* Small comforts of the desks. Every page works without this file. */
(function () {
  "use strict";

  /* The error summary is read first, also where `autofocus` on a section is unknown. */
  function focusFaults() {
    var summary = document.querySelector("[data-faults]");
    if (summary) summary.focus();
  }

  /* An open role menu closes with Escape or a tap beside it, as menus do. */
  function closeMenus(keep) {
    document.querySelectorAll("details.role[open]").forEach(function (menu) {
      if (menu !== keep) menu.removeAttribute("open");
    });
  }

  function onKey(event) {
    if (event.key !== "Escape") return;
    var menu = document.querySelector("details.role[open]");
    if (!menu) return;
    closeMenus(null);
    menu.querySelector("summary").focus();
  }

  /* A second tap while a form is on its way would do the act twice; the button stays readable, the tap is ignored. */
  function onSubmit(event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    form.setAttribute("aria-busy", "true");
    window.setTimeout(function () { form.removeAttribute("aria-busy"); }, 8000);
  }

  /* The back button shows the page from memory: its forms must answer again. */
  function onShow() {
    document.querySelectorAll("form[aria-busy]").forEach(function (form) {
      form.removeAttribute("aria-busy");
    });
  }

  /* What is being computed shows itself; not under the hands of somebody who types or reads in another window. */
  function onReload() {
    var busy = document.hidden || document.activeElement.matches("input, select, textarea");
    if (busy) window.setTimeout(onReload, 5000);
    else window.location.reload();
  }

  var reload = document.querySelector("meta[name=reload]");
  if (reload) window.setTimeout(onReload, Number(reload.content) * 1000);

  /* What a field still asks for is gone while something stands in it. */
  function markAsked() {
    document.querySelectorAll("[data-until-filled]").forEach(function (mark) {
      var field = document.getElementById(mark.getAttribute("data-until-filled"));
      if (field) mark.hidden = field.value.trim() !== "";
    });
  }

  document.addEventListener("input", markAsked);
  document.addEventListener("click", function (event) {
    closeMenus(event.target.closest("details.role"));
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", onSubmit);
  window.addEventListener("pageshow", onShow);
  window.addEventListener("pageshow", markAsked);
  focusFaults();
})();
