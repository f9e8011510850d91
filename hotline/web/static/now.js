// Keeps the board up to date, and says so when it cannot. Without it, the page loads itself again.
"use strict";

const main = document.getElementById("main");
const board = document.getElementById("board");
const asOf = document.getElementById("as-of");
const stale = document.getElementById("stale");
const EVERY = 4000;
const PATIENCE = 8000;

let etag = main.dataset.etag;
let goodAt = Date.now();
let over = false;

const clockOf = new Intl.DateTimeFormat(document.documentElement.lang, {
  timeZone: asOf.dataset.zone || undefined, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const fill = (text, time) => text.replace("{}", clockOf.format(time));

async function refresh() {
  let response;
  try {
    response = await fetch(main.dataset.board, {
      cache: "no-store",
      redirect: "manual",
      headers: { "If-None-Match": `"${etag}"`, "HX-Request": "true" },
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return lost();
  }
  if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) return loggedOut();
  if (response.status === 304) return good();
  if (!response.ok) return lost();
  try {
    show(await response.text());
  } catch {
    return lost();
  }
  etag = (response.headers.get("ETag") || "").replace(/^W\/|"/g, "");
  good();
}

function good() {
  goodAt = Date.now();
  stale.hidden = true;
  asOf.hidden = false;
  asOf.textContent = fill(asOf.dataset.text, goodAt);
}

function lost() {
  const text = fill(stale.dataset.text, goodAt);
  if (stale.hidden || stale.textContent !== text) stale.textContent = text;
  stale.hidden = false;
  asOf.hidden = true;
}

function loggedOut() {
  over = true;
  document.getElementById("logged-out").hidden = false;
  lost();
}

// Only what differs is replaced: what is being read, focused or announced stays where it is.

function show(text) {
  const fresh = new DOMParser().parseFromString(`<div id="board">${text}</div>`, "text/html").getElementById("board");
  const focused = document.activeElement?.id;
  const opened = [...board.querySelectorAll("details[open]")].map((element) => element.id);
  replaceParts(board, fresh);
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  if (focused && document.activeElement === document.body) (document.getElementById(focused) || main).focus({ preventScroll: true });
}

function replaceParts(old, fresh) {
  const names = (parent) => [...parent.children].map((child) => `${child.nodeName}#${child.id}`).join();
  if (names(old) !== names(fresh)) return old.replaceChildren(...fresh.childNodes);
  const parts = [...fresh.children];
  [...old.children].forEach((child, index) => {
    const wanted = parts[index];
    if (child.matches("[role]")) {
      if (child.textContent !== wanted.textContent) child.textContent = wanted.textContent;
    } else if (child.matches(".columns, .column")) {
      replaceParts(child, wanted);
    } else if (plain(child) !== plain(wanted)) {
      child.replaceWith(wanted);
    }
  });
}

// As the server wrote it: without the ages that run on, what somebody opened, and the tokens of forms.
function plain(element) {
  const copy = element.cloneNode(true);
  for (const time of copy.querySelectorAll("time")) time.textContent = "";
  for (const opened of copy.querySelectorAll("details")) opened.removeAttribute("open");
  for (const token of copy.querySelectorAll("[name=csrf_token]")) token.removeAttribute("value");
  return copy.outerHTML;
}

// Ages run on between two answers.

const ageOf = (seconds) => {
  const { ago, minutes, hours, day, days } = words;
  if (seconds < 3600) return ago.replace("{}", minutes.replace("{m}", Math.floor(seconds / 60)));
  if (seconds < 86400) return ago.replace("{}", hours.replace("{h}", Math.floor(seconds / 3600)).replace("{m}", Math.floor((seconds % 3600) / 60)));
  const count = Math.floor(seconds / 86400);
  return ago.replace("{}", (count === 1 ? day : days).replace("{d}", count));
};

function tick() {
  for (const time of board.querySelectorAll("time")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(time.dateTime)) / 1000));
    const text = "clock" in time.dataset
      ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
      : ageOf(seconds);
    if (time.textContent !== text) time.textContent = text;
  }
}

const words = JSON.parse(main.dataset.words);

async function keepUp() {
  await refresh();
  if (!over) setTimeout(keepUp, EVERY);
}
setInterval(tick, 1000);
setTimeout(keepUp, EVERY);
document.addEventListener("visibilitychange", () => { if (!document.hidden && !over) refresh(); });
