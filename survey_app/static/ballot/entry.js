// The typed code: checked on the phone before anything is sent, its fault named beside the field.
"use strict";
{
  const { fill, when } = Pingjia.wording;
  const FAULTS = ["length", "character", "check", "unknown"];
  const place = (name) => document.getElementById(name);

  function show() {
    const cut = !/\/code$/.test(location.pathname);
    when({ cut, typing: !cut });
    Pingjia.screens.become("code");
  }

  function refuse(fault, typed) {
    show();
    const field = place("code");
    field.value = typed;
    field.setAttribute("aria-invalid", "true");
    fill({ count: String(Pingjia.code.normalise(typed).length) });
    for (const name of FAULTS) { when({ [name]: name === fault }); }
    when({ faulty: true });
    Pingjia.screens.focus(place("faulty"));
  }

  Pingjia.entry = {
    show,
    refuse,
    listen(open) {
      place("code-form").addEventListener("submit", (event) => {
        event.preventDefault();
        const code = Pingjia.code.normalise(place("code").value), fault = Pingjia.code.check(code);
        if (fault) { refuse(fault, place("code").value); return; }
        Pingjia.screens.become("loading");
        open(code);
      });
    },
  };
}
