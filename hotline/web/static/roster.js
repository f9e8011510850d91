// The roster pages work without this. With it, forms follow what is chosen, the focus goes where the news is,
// and an open page takes over another roster as soon as it is in force.
"use strict";

document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.id === "person") return;
  const news = document.querySelector("#faults, #change #effect-title, #said");
  // A link that is still there keeps the focus: the next week is one more press away.
  if (!news && document.activeElement !== document.body) return;
  const target = news || document.querySelector("[data-focus]") || document.getElementById("title");
  if (target) target.focus({ preventScroll: !news });
});

document.addEventListener("roster-changed", () => {
  const notice = document.getElementById("arrived");
  if (!notice) return;
  if (document.getElementById("change")) {
    // Somebody is typing: they are told, and nothing is taken away from them.
    notice.textContent = notice.dataset.waiting;
    notice.hidden = false;
    return;
  }
  const address = location.pathname + location.search.replace(/([?&])saved=\d+&?/, "$1");
  htmx.ajax("GET", address, { target: "#roster", select: "#roster", swap: "outerMorph" }).then(() => {
    const told = document.getElementById("arrived");
    told.textContent = told.dataset.arrived;
    told.hidden = false;
  });
});
