// The custodians' page: makes the opening key, prints the slips once, rehearses; hides typed halves.
// Words come from the page ([data-word]); the halves never enter a form that leaves the browser,
// except on the page that opens the box. Load ballot/codes.js, seal.js and opening.js first.
"use strict";
{
  const one = (root, selector) => root.querySelector(selector);
  const all = (root, selector) => Array.from(root.querySelectorAll(selector));
  const word = (name) => (one(document, `[data-word="${name}"]`) || { textContent: name }).textContent;
  const { base64, fromBase64 } = Pingjia.bytes;

  function show(element, visible) { if (element) { element.hidden = !visible; } }

  function complain(root, text) { one(root, "[data-problem]").textContent = text; }

  const able = () => Boolean(window.isSecureContext && window.crypto && window.crypto.subtle);

  // Make the key, write the halves on the four slips, keep the two public parts for the form.
  async function make(root) {
    complain(root, "");
    show(one(root, "[data-before]"), false);
    show(one(root, "[data-working]"), true);
    try {
      const made = await Pingjia.opening.make();
      all(root, "[data-slip]").forEach((slip) => { slip.textContent = made.halves[slip.dataset.slip - 1]; });
      const form = one(root, "[data-key-form]");
      form.elements.public.value = base64(made.publicKey);
      form.elements.locked.value = base64(made.ciphertext);
      show(one(root, "[data-after]"), true);
    } catch (error) {
      complain(root, word("browser"));
      show(one(root, "[data-before]"), true);
    }
    show(one(root, "[data-working]"), false);
  }

  const halvesOf = (root) => all(root, "[data-half]").map((input) => input.value);

  function blame(root, error) {
    const place = error.half && one(root, `[data-error="${error.half}"]`);
    if (place) {
      place.textContent = word(error.fault);
      one(root, `[data-half="${error.half}"]`).focus();
      return;
    }
    complain(root, word(error.message === "passphrase" ? "passphrase" : "key"));
  }

  // Open a dummy ballot with what was typed; only the news that it worked is sent.
  async function rehearse(root, form) {
    complain(root, "");
    all(root, "[data-error]").forEach((place) => { place.textContent = ""; });
    show(one(root, "[data-working]"), true);
    try {
      await Pingjia.opening.rehearse({
        publicKey: fromBase64(root.dataset.public),
        ciphertext: fromBase64(root.dataset.locked),
        halves: halvesOf(root),
      });
      all(root, "[data-half]").forEach((input) => { input.value = ""; });
      form.submit();
    } catch (error) {
      form.removeAttribute("aria-busy");
      blame(root, error);
    }
    show(one(root, "[data-working]"), false);
  }

  // Typed halves are hidden; both custodians may look at them while nobody else does.
  function toggle(root, button) {
    const inputs = all(root, "[data-half]");
    const hidden = inputs[0].type === "password";
    inputs.forEach((input) => { input.type = hidden ? "text" : "password"; });
    button.textContent = word(hidden ? "hide" : "show");
  }

  function prepare(root) {
    const maker = one(root, "[data-make]"), printer = one(root, "[data-print]");
    if (maker) { maker.addEventListener("click", () => able() ? make(root) : complain(root, word("browser"))); }
    if (printer) { printer.addEventListener("click", () => window.print()); }
    const form = one(root, "[data-rehearsal-form]");
    if (form) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (able()) { rehearse(root, form); } else { complain(root, word("browser")); }
      });
    }
    all(root, "[data-toggle]").forEach((button) => {
      button.addEventListener("click", () => toggle(root, button));
    });
    all(root, "[data-with-script]").forEach((part) => show(part, true));
  }

  // The way back by the browser's memory must not show slips or halves again.
  window.addEventListener("pageshow", (event) => { if (event.persisted) { window.location.reload(); } });
  document.addEventListener("DOMContentLoaded", () => all(document, "[data-ceremony]").forEach(prepare));
}
