// Keying paper: 1 to 4 answers the question in focus, 0 leaves it blank, and the focus moves on.
"use strict";
(function () {
  const pile = document.querySelector("form[data-pile]");
  if (pile) { remember(pile); }
  const form = document.querySelector("form[data-keying]");
  if (!form) { return; }
  const questions = Array.from(form.querySelectorAll("fieldset.q"));

  function go(question) {
    const target = question ? question.querySelector("input:checked") || question.querySelector("input") : form.querySelector("button");
    target.focus();
    if (question) { question.scrollIntoView({ block: "center" }); }
  }

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
    go(questions[questions.indexOf(question) + 1]);
  });
  const word = form.querySelector("#word");
  if (word && !word.value) { word.focus(); } else { go(questions[0]); }

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
