// Says ten minutes ahead that the session ends, and lets people go on. Without it the session ends all the same.
"use strict";

{
  const bar = document.getElementById("session");
  const [text, stay, login] = bar.children;
  const AHEAD = 600;
  const AGAIN = 20;
  let timer;

  const later = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(bar.dataset.left), seconds * 1000);
  };

  async function ask(address) {
    let response;
    try {
      response = await fetch(address, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(8000) });
    } catch {
      return later(AGAIN);
    }
    if (response.type === "opaqueredirect" || response.status === 401) return over();
    if (!response.ok) return later(AGAIN);
    const { idle, longest } = await response.json();
    show(Math.min(idle, longest), idle < longest);
  }

  function show(seconds, canStay) {
    if (seconds > AHEAD) {
      bar.hidden = true;
      return later(seconds - AHEAD);
    }
    const end = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    say((canStay ? bar.dataset.idle : bar.dataset.longest).replace("{}", end.format(Date.now() + seconds * 1000)));
    stay.hidden = !canStay;
    later(Math.min(seconds + 1, AGAIN));
  }

  function over() {
    stay.hidden = true;
    login.hidden = false;
    say(bar.dataset.over);
  }

  // Said once, and again only when it is something else.
  function say(words) {
    if (text.textContent !== words) text.textContent = words;
    bar.hidden = false;
  }

  stay.addEventListener("click", () => {
    document.getElementById("main").focus({ preventScroll: true });
    ask(bar.dataset.stay);
  });
  // A page that was asleep looks at once.
  document.addEventListener("visibilitychange", () => { if (!document.hidden && login.hidden) ask(bar.dataset.left); });
  later(Math.max(0, Number(bar.dataset.seconds) - AHEAD));
}
