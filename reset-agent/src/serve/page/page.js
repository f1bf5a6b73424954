// The page is whole without this. With it, runs that are under way tell of their steps as they happen.
"use strict";

const STATES = {
  started: "running",
  succeeded: "succeeded",
  failed: "failed",
  undo_started: "undoing",
  undo_finished: "undone",
};

function follow(row) {
  const after = row.dataset.last === undefined ? "" : `?after=${row.dataset.last}`;
  const source = new EventSource(`/v1/runs/${row.dataset.run}/events${after}`);
  for (const [kind, state] of Object.entries(STATES)) {
    source.addEventListener(kind, (event) => {
      const { step } = JSON.parse(event.data);
      const shown = row.querySelector(`[data-step="${CSS.escape(step)}"]`);
      if (shown) {
        shown.dataset.state = state;
        shown.title = `${step}: ${state}`;
      }
    });
  }
  source.addEventListener("end", (event) => {
    source.close();
    const { end } = JSON.parse(event.data);
    const cell = row.querySelector(".end");
    cell.dataset.end = end;
    cell.textContent = end;
  });
}

document.querySelectorAll("tr[data-run]").forEach(follow);
