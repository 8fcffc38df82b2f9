// After casting: the receipt can be copied and printed, and a borrowed phone can forget it.
"use strict";
{
  const { fill, when } = Pingjia.wording;
  const place = (name) => document.getElementById(name);

  // Old browsers know no clipboard: there a selected field is copied.
  function copyOld(text) {
    const box = document.body.appendChild(Object.assign(document.createElement("textarea"), { value: text, className: "sr" }));
    box.select();
    document.execCommand("copy");
    box.remove();
  }

  async function copy() {
    const text = place("receipt").textContent;
    try { await navigator.clipboard.writeText(text); } catch (refused) { copyOld(text); }
    when({ copied: true });
    place("copy").focus();
  }

  function clear(poll) {
    Pingjia.memory.ballot.erase(poll.key);
    Pingjia.memory.draft.erase(poll.key);
    fill({ receipt: "" });
    Pingjia.screens.pin("cleared");
    Pingjia.screens.dropLink();
  }

  Pingjia.receipt = {
    show(receipt, earlier) {
      fill({ receipt });
      when({ earlier, copied: false });
    },
    listen(poll) {
      place("copy").addEventListener("click", copy);
      place("print").addEventListener("click", () => print());
      for (const button of document.querySelectorAll("[data-act=clear]")) {
        button.addEventListener("click", () => clear(poll));
      }
    },
  };
}
