"use strict";
// Draws the charts, and connects the controls to their parameters.
const source = document.getElementById("charts");
const views = [];
const parameters = { slice: "", threshold: 0.5 };
const dark = matchMedia("(prefers-color-scheme: dark)");

async function draw() {
  const { charts, data, themes } = JSON.parse(source.textContent);
  views.splice(0).forEach((view) => view.finalize());
  for (const place of document.querySelectorAll("[data-chart]")) {
    const chart = charts[place.dataset.chart];
    const { view } = await vegaEmbed(place, { ...chart, datasets: { ...chart.datasets, ...data } }, {
      actions: false, renderer: "svg", ast: false, config: themes[dark.matches ? "dark" : "light"],
    });
    views.push(view);
  }
  Object.keys(parameters).forEach(setParameter);
}

function setParameter(name) {
  for (const view of views) {
    if (name in view.getState({ signals: (signal) => signal === name, data: () => false }).signals) {
      view.signal(name, parameters[name]).runAsync();
    }
  }
}

function cell(row, column) {
  const found = row.cells[column];
  const text = found.dataset.value ?? found.textContent.trim();
  const number = text === "" || text === "–" ? NaN : Number(text.replaceAll(",", "").replace("−", "-"));
  return { text, number };
}

function sort(heading) {
  const table = heading.closest("table");
  const ascending = heading.getAttribute("aria-sort") === "descending";
  const column = heading.cellIndex;
  table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const sign = ascending ? 1 : -1;
  const rows = [...table.tBodies[0].rows].sort((a, b) => {
    const [x, y] = [cell(a, column), cell(b, column)];
    if (Number.isNaN(x.number) !== Number.isNaN(y.number)) return Number.isNaN(x.number) ? 1 : -1;
    return sign * (Number.isNaN(x.number) ? x.text.localeCompare(y.text) : x.number - y.number);
  });
  table.tBodies[0].append(...rows);
}

if (source) {
  draw();
  dark.addEventListener("change", draw);
}
for (const controls of document.querySelectorAll(".controls")) {
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.addEventListener("input", ({ target }) => {
    parameters[target.name] = target.type === "range" ? Number(target.value) : target.value;
    if (target.type === "range") target.parentElement.querySelector("output").textContent = Number(target.value).toFixed(2);
    setParameter(target.name);
  });
}
for (const button of document.querySelectorAll(".sortable button")) {
  button.addEventListener("click", () => sort(button.closest("th")));
}
