// Keying paper: 1 to 4 answers the question in focus, 0 leaves it blank, and the focus moves on; through the
// words at the end by Enter, and Enter on the button saves.
"use strict";
(function () {
  const pile = document.querySelector("form[data-pile]");
  if (pile) { remember(pile); }
  const form = document.querySelector("form[data-keying]");
  if (!form) { return; }
  // Every place to key, in the order of the form: questions with cells, then the words, then the button.
  const places = Array.from(form.querySelectorAll("fieldset.q, textarea, .acts button"));

  function go(place) {
    (place.querySelector("input:checked") || place.querySelector("input") || place).focus();
    place.scrollIntoView({ block: "center" });
  }

  function next(place) { go(places[places.indexOf(place) + 1]); }

  // A class letter is typed as itself; answers by their place, blank (the last cell) by 0.
  function cellFor(question, key) {
    const cells = Array.from(question.querySelectorAll("input"));
    if (question.id === "class_id") {
      return cells.find((cell) => cell.parentNode.textContent.trim() === key.toUpperCase());
    }
    return key === "0" ? cells[cells.length - 1] : /^[1-4]$/.test(key) ? cells[Number(key) - 1] : null;
  }

  form.addEventListener("keydown", (event) => {
    const question = event.target.closest("fieldset.q");
    if (!question || event.ctrlKey || event.altKey || event.metaKey) { return; }
    const cell = cellFor(question, event.key);
    if (!cell) { return; }
    event.preventDefault();
    cell.checked = true;
    next(question);
  });
  for (const words of form.querySelectorAll("textarea")) {
    words.addEventListener("keydown", (event) => {
      // Enter also ends a word that is being written by its sound: then it is not ours.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) { return; }
      event.preventDefault();
      next(words);
    });
  }
  const word = form.querySelector("#word");
  if (word && !word.value) { word.focus(); } else { go(places[0]); }

  // The word on the cover is typed once: this tab keeps it until it is closed, the server never does.
  function remember(sheet) {
    const key = "pile-word-" + sheet.dataset.pile, field = sheet.querySelector("#word");
    try {
      const wrong = field.getAttribute("aria-invalid") === "true";
      if (wrong) { sessionStorage.removeItem(key); } else { field.value = field.value || sessionStorage.getItem(key) || ""; }
      sheet.addEventListener("submit", () => { sessionStorage.setItem(key, field.value); });
    } catch (_closed) { /* Without storage the word is typed on every form. */ }
  }
})();
