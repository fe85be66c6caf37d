// The few calls of ECharts that we need: init, setOption, resize, dispose, on. Options come as JSON from Rust; this adds
// what JSON cannot hold: functions, the page's colours, the map. JavaScript, because the same in WASM is several times the size.

let loading;

/** ECharts itself: a megabyte that is loaded once, by the first page that has a chart. */
function library(assets) {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `${assets}/echarts.min.js`;
    script.onload = () => done(window.echarts);
    script.onerror = () => {
      loading = undefined;
      script.remove();
      failed(new Error("echarts"));
    };
    document.head.append(script);
  });
  return loading;
}

let atlas;

/** The world's countries by their codes of two letters. */
function world(echarts, assets) {
  atlas ??= fetch(`${assets}/world.json`)
    .then((answer) => answer.json())
    .then((countries) => echarts.registerMap("world", countries))
    .catch((error) => {
      atlas = undefined;
      throw error;
    });
  return atlas;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");
const light = matchMedia("(prefers-color-scheme: light)");
const print = matchMedia("print");

/** How wide charts are on paper: its narrower side without margins, in pixels of the style sheet. Wider paper stretches them. */
const PAPER = 640;

// Paper is white, and its rules hold only when the charts have been drawn for it: until it is printed the page has the light theme,
// and charts follow themes.
let onPaper = false;
let onScreen;
addEventListener("beforeprint", () => {
  onPaper = true;
  onScreen = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  onPaper = false;
  document.documentElement.dataset.theme = onScreen;
});

/** Once what is drawn now has been painted. A page in the background paints nothing. */
const afterPaint = (run) => (document.hidden ? setTimeout(run) : requestAnimationFrame(() => setTimeout(run)));

/** A chart on the page, drawn in its colours, again whenever the theme or the size of its box changes. */
export class Drawn {
  constructor(element, assets, write) {
    Object.assign(this, { element, assets, write, marks: [], place: -1 });
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    element.addEventListener("keydown", (event) => this.key(event), { signal });
    element.addEventListener("blur", () => this.leave(), { signal });
    // By the rules for paper a box is as high as its picture: while ECharts measures it, without one, it has no height at all.
    this.sizes = new ResizeObserver(() => onPaper || print.matches || this.chart?.resize());
    this.sizes.observe(element);
    this.sight = new IntersectionObserver((seen) => {
      this.inSight = seen.at(-1).isIntersecting;
      if (this.inSight && this.due) this.draw();
    });
    this.sight.observe(element);
    const repaint = () => this.start();
    this.themes = new MutationObserver(repaint);
    this.themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    light.addEventListener("change", repaint, { signal });
    library(assets).then(
      (echarts) => {
        this.echarts = echarts;
        this.start();
      },
      // The table with the same numbers remains.
      () => (element.hidden = true),
    );
  }

  /** Draws options in place of what was drawn before, without the series that are named as hidden. */
  show(options, marks, hidden) {
    this.options = JSON.parse(options);
    this.marks = JSON.parse(marks);
    this.hidden = hidden;
    this.place = -1;
    this.drawSoon();
  }

  /** What is out of sight does not keep what is seen waiting; paper shows all. */
  drawSoon() {
    this.due = true;
    this.element.ariaBusy = "true";
    if (this.inSight || onPaper) this.draw();
    else afterPaint(() => this.due && this.draw());
  }

  remove() {
    this.removed = true;
    this.listeners.abort();
    this.sizes.disconnect();
    this.sight.disconnect();
    this.themes.disconnect();
    this.chart?.dispose();
    this.chart = undefined;
  }

  start() {
    if (this.removed || !this.echarts) return;
    this.chart?.dispose();
    const size = onPaper ? { width: PAPER, devicePixelRatio: 3 } : {};
    this.chart = this.echarts.init(this.element, theme(tokens(this.element)), size);
    this.chart.on("click", "series.map", ({ dataIndex }) => this.follow(dataIndex));
    this.chart.getZr().on("click", ({ offsetX, offsetY }) => this.follow(this.at([offsetX, offsetY])));
    this.drawSoon();
  }

  async draw() {
    const { chart, options, echarts } = this;
    if (!chart || !options) return;
    this.due = false;
    const isMap = all(options.series).some(({ type }) => type === "map");
    try {
      if (isMap) await world(echarts, this.assets);
    } catch {
      this.element.hidden = true;
      return;
    }
    // A newer one is being drawn meanwhile, or none at all.
    if (chart.isDisposed() || options !== this.options) return;
    const token = tokens(this.element);
    const drawn = coloured(options, token);
    drawn.animation = this.inSight && !still.matches && !onPaper;
    drawn.tooltip = { ...drawn.tooltip, formatter: (of) => this.tip(all(of), token) };
    for (const axis of [...all(drawn.xAxis), ...all(drawn.yAxis)]) {
      // The outermost names stay inside the box.
      if (axis.type === "category" && all(drawn.xAxis).includes(axis)) {
        axis.axisLabel = { ...axis.axisLabel, alignMinLabel: "left", alignMaxLabel: "right" };
      }
      if (axis.type === "value") axis.axisLabel = { ...axis.axisLabel, formatter: (number) => this.write(number) };
    }
    for (const legend of all(drawn.legend)) legend.selected = Object.fromEntries(this.hidden.map((name) => [name, false]));
    chart.setOption(drawn, true);
    // The picture is taken before the next frame.
    if (onPaper) chart.getZr().flush();
    this.element.ariaBusy = "false";
  }

  /** What the tooltip says of a place: its name, then a line for each series that is shown. Text is only ever text. */
  tip(points, token) {
    const [title, ...lines] = this.marks[points[0].dataIndex]?.lines ?? [points[0].name];
    const box = document.createElement("div");
    box.append(Object.assign(document.createElement("strong"), { textContent: title }));
    lines.forEach((text, series) => {
      const point = points.find(({ seriesIndex }) => seriesIndex === series);
      if (points.length > 1 && !point) return;
      const line = Object.assign(document.createElement("div"), { textContent: text });
      if (point && points.length > 1) {
        const dot = document.createElement("span");
        const color = typeof point.color === "string" ? point.color : token("--chart-1");
        dot.style.cssText = `display:inline-block;width:8px;height:8px;margin-right:6px;border-radius:50%;background:${color}`;
        line.prepend(dot);
      }
      box.append(line);
    });
    return box;
  }

  /** Which mark lies at a pixel. */
  at(point) {
    if (!this.options?.xAxis || !this.chart.containPixel({ gridIndex: 0 }, point)) return -1;
    const [x, y] = this.chart.convertFromPixel({ gridIndex: 0 }, point);
    return all(this.options.yAxis)[0].type === "category" ? y : x;
  }

  /** Goes where a mark leads: a click on a link, which the router takes as any other. */
  follow(place) {
    const href = this.marks[place]?.href;
    if (!href) return;
    const link = Object.assign(document.createElement("a"), { href, hidden: true });
    link.dataset.noscroll = "";
    document.body.append(link);
    link.click();
    link.remove();
  }

  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter") return this.follow(this.place);
    if (event.key === "Escape") return this.leave();
    if (!step || !this.chart || !this.marks.length) return;
    event.preventDefault();
    this.place = Math.max(0, Math.min(this.marks.length - 1, this.place < 0 && step < 0 ? 0 : this.place + step));
    this.chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: this.place });
    this.say(this.marks[this.place].lines.join(", "));
  }

  leave() {
    this.place = -1;
    this.chart?.dispatchAction({ type: "hideTip" });
    this.say("");
  }

  /** For those who hear the page. */
  say(text) {
    const live = this.element.nextElementSibling;
    if (live) live.textContent = text;
  }
}

const all = (one) => (one === undefined ? [] : [one].flat());

/** The value of a token that holds for an element. */
function tokens(element) {
  const style = getComputedStyle(element);
  return (name) => style.getPropertyValue(name).trim();
}

/** A copy with the tokens that stand for colours replaced by what they are. */
function coloured(value, token, key = "") {
  if (Array.isArray(value)) return value.map((one) => coloured(one, token, key));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, coloured(one, token, key)]));
  }
  return /color$/i.test(key) && typeof value === "string" && value.startsWith("--") ? token(value) : value;
}

/** An ECharts theme made of the page's tokens. */
function theme(token) {
  const fontFamily = token("--font");
  const text = { color: token("--muted"), fontFamily, fontSize: 11 };
  const lineStyle = { color: token("--line") };
  const axis = (axisLabel) => ({ axisLine: { lineStyle }, axisTick: { show: false }, axisLabel, splitLine: { lineStyle } });
  // Names may be long: they are cut, and those without room are left out.
  const name = { ...text, width: 112, overflow: "truncate", interval: 0, hideOverlap: true };
  return {
    color: [1, 2, 3, 4, 5, 6].map((place) => token(`--chart-${place}`)),
    backgroundColor: "transparent",
    textStyle: { fontFamily },
    categoryAxis: axis(name),
    valueAxis: axis(text),
    line: { lineStyle: { width: 2 }, symbol: "circle", emphasis: { scale: 2 } },
    tooltip: {
      backgroundColor: token("--raised"),
      borderColor: token("--line"),
      textStyle: { color: token("--text"), fontFamily, fontSize: 12 },
      // Inside the page's box, so that a narrow phone never scrolls sideways.
      confine: true,
    },
  };
}
