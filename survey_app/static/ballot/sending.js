// While the ballot is on its way: what happens now, and patience where there is no connection.
"use strict";
{
  const WAITS = [5, 5, 10, 10, 20, 20, 30, 30, 60];
  const TRIES = 10;
  const { fill, when } = Pingjia.wording;

  function step(name) {
    when({ sealing: name === "sealing", casting: name === "casting", waiting: false, tired: false });
  }

  // Resolves after a while, on 现在再试, or when the phone says that it is connected again.
  function pause(attempt) {
    const tired = attempt > TRIES;
    let seconds = WAITS[Math.min(attempt - 2, WAITS.length - 1)];
    fill({ seconds: String(seconds), attempt: String(attempt) });
    when({ waiting: !tired, tired, sealing: false, casting: false });
    const again = document.getElementById("try-now");
    again.hidden = false;
    return new Promise((resolve) => {
      const tick = setInterval(() => {
        fill({ seconds: String(seconds -= 1) });
        if (seconds <= 0) { done(); }
      }, 1000);
      const done = () => {
        clearInterval(tick);
        removeEventListener("online", done);
        again.removeEventListener("click", done);
        again.hidden = true;
        step("casting");
        resolve();
      };
      addEventListener("online", done);
      again.addEventListener("click", done);
    });
  }

  Pingjia.sending = { step, pause };
}
