import uPlot from "../uplot.js";
import { h } from "./dom.js";

/** @param {string} name */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** @typedef {{ label: string, colour: string, values: readonly number[] }} Series */

/**
 * @param {number} width
 * @param {readonly Series[]} series
 * @param {(value: number) => string} format
 * @returns {any}
 */
function options(width, series, format) {
  const axis = {
    stroke: colour("--quiet"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 },
    font: "12px system-ui",
  };
  return {
    width,
    height: 220,
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      y: {
        range: (/** @type {unknown} */ _, /** @type {number} */ __, /** @type {number} */ high) => [
          0,
          Math.max(1, high * 1.1),
        ],
      },
    },
    axes: [
      axis,
      {
        ...axis,
        size: 72,
        values: (/** @type {unknown} */ _, /** @type {number[]} */ ticks) => ticks.map(format),
      },
    ],
    series: [
      { value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
      ...series.map(({ label, colour: name }) => ({
        label,
        stroke: colour(name),
        fill: `${colour(name)}22`,
        width: 2,
        points: { show: false },
        value: (/** @type {unknown} */ _, /** @type {number | null} */ value) =>
          value === null ? "–" : format(value),
      })),
    ],
  };
}

/**
 * Lines over time, drawn again when the window or the colours change. Screen readers get the text.
 * @param {string} text
 * @param {readonly number[]} times milliseconds since 1970
 * @param {readonly Series[]} series
 * @param {(value: number) => string} format
 * @param {AbortSignal} signal
 */
export function chart(text, times, series, format, signal) {
  const place = h("div", { class: "chart", role: "img", "aria-label": text });
  const data = /** @type {any} */ ([times.map((time) => time / 1000), ...series.map(({ values }) => values)]);
  /** @type {any} */
  let plot;
  let width = 0;
  const draw = () => {
    plot?.destroy();
    plot = width > 0 ? new uPlot(options(width, series, format), data, place) : undefined;
  };
  const observer = new ResizeObserver(([entry]) => {
    const wide = Math.floor(entry.contentRect.width);
    if (wide === width) return;
    width = wide;
    draw();
  });
  observer.observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw, { signal });
  signal.addEventListener("abort", () => {
    observer.disconnect();
    plot?.destroy();
  });
  return place;
}
