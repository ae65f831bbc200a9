/* The pages' script: figures, sorting, filters, CSV, print. Plain and classic, so that it runs from file://. */
(function () {
  "use strict";
  var narrow = window.matchMedia("(max-width: 600px)");
  var body = document.body;
  var all = function (selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); };

  if (window.JUNHENG) all("[data-release]").forEach(function (e) { e.textContent = window.JUNHENG.release; });

  /* --- figures ------------------------------------------------------------------------------------------------ */
  var specs = {};
  function spec(plot) {
    if (!specs[plot.id]) specs[plot.id] = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    return specs[plot.id];
  }
  function dataOf(figure, isNarrow) {
    return figure.data.map(function (trace, i) {
      var other = isNarrow && figure.narrow.data && figure.narrow.data[i];
      var who = figure.who && figure.who[i]; /* marks named by number, to keep pages with many schools small */
      if (who) trace = Object.assign({}, trace, { text: who.map(function (n) { return figure.names[n]; }) });
      if (!other) return trace;
      return Object.assign({}, trace, { y: other.y, marker: Object.assign({}, trace.marker, { size: other.size }) });
    });
  }
  function draw(plot) {
    var note = document.querySelector("[data-no-plot='" + plot.id + "']");
    if (!window.Plotly) { note.textContent = body.dataset.unzip; return; }
    var figure = spec(plot), isNarrow = narrow.matches;
    var layout = JSON.parse(JSON.stringify(isNarrow ? figure.narrow.layout : figure.layout));
    window.Plotly.react(plot, dataOf(figure, isNarrow), layout, figure.config);
    plot.style.minHeight = "";
    plot.dataset.drawn = isNarrow ? "narrow" : "wide";
    note.hidden = true;
    all("svg", plot).forEach(function (svg) { svg.setAttribute("aria-hidden", "true"); });
  }
  var plots = all(".plot");
  if (plots.length) draw(plots[0]);
  var rest = plots.slice(1);
  if ("IntersectionObserver" in window && window.Plotly) {
    var seen = new IntersectionObserver(function (entries) {
      entries.forEach(function (e) { if (e.isIntersecting) { seen.unobserve(e.target); draw(e.target); } });
    }, { rootMargin: "600px" });
    rest.forEach(function (plot) { plot.style.minHeight = narrow.matches ? "var(--tall-narrow)" : "var(--tall)"; seen.observe(plot); });
  } else rest.forEach(draw);
  var redraw = function () { plots.forEach(function (plot) { if (plot.dataset.drawn) draw(plot); }); };
  if (narrow.addEventListener) narrow.addEventListener("change", redraw);

  /* --- print: everything drawn and open, at the width of the paper ---------------------------------------------- */
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = all("details:not([open]):not(.stay)"); /* what stays closed is not printed: the figure says its numbers */
    closed.forEach(function (d) { d.open = true; });
    if (!window.Plotly) return;
    plots.forEach(function (plot) {
      draw(plot);
      window.Plotly.relayout(plot, { width: 690, height: spec(plot).print, autosize: false });
    });
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (d) { d.open = false; });
    if (window.Plotly) redraw(); /* the layout of the page is drawn anew, with its own size */
  });

  /* --- a link to a trace box opens it ---------------------------------------------------------------------------- */
  function open() {
    var target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var e = target; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    if (target) target.scrollIntoView();
  }
  window.addEventListener("hashchange", open);
  if (location.hash) open();

  /* --- search: the index is a classic script, loaded at the first focus ------------------------------------------- */
  function matches(county, wanted) { /* 0 is the best; -1 is none */
    var words = " " + county[4], english = county[3].toLowerCase();
    if (county[0] === wanted || county[2] === wanted) return 0;
    if (county[2].indexOf(wanted) === 0 || county[0].indexOf(wanted) === 0) return 1;
    if (words.indexOf(" " + wanted.replace(/\s+/g, "")) >= 0 || english.indexOf(wanted) === 0) return 2;
    if (county[2].indexOf(wanted) >= 0 || english.indexOf(wanted) >= 0) return 3;
    return county.slice(5).join(" ").toLowerCase().indexOf(wanted) >= 0 ? 4 : -1;
  }
  function makeSearch(form) {
    var input = form.querySelector("input"), box = form.querySelector(".found"), list = form.querySelector("ul");
    var status = form.querySelector("[role=status]"), place = document.documentElement.lang === "en" ? 6 : 5, most = 12;
    function link(county, stage, text) {
      var a = document.createElement("a");
      a.href = form.dataset.pages + "county/" + county[1] + "/" + county[0] + "-" + stage[0] + ".html";
      a.textContent = text;
      return a;
    }
    function item(county) {
      var li = document.createElement("li"), small = document.createElement("small"), stages = window.JUNHENG_INDEX.stages;
      li.appendChild(link(county, stages[0], county[place - 3]));
      small.textContent = " " + county[place] + " " + county[0] + " ";
      li.appendChild(small);
      if (stages.length > 1) stages.forEach(function (s) { li.appendChild(link(county, s, s[place - 4])); li.appendChild(document.createTextNode(" ")); });
      return li;
    }
    function show() {
      var wanted = input.value.trim().toLowerCase();
      list.textContent = "";
      box.hidden = !wanted || !window.JUNHENG_INDEX;
      if (box.hidden) return;
      var found = window.JUNHENG_INDEX.counties.map(function (c) { return [matches(c, wanted), c]; })
        .filter(function (pair) { return pair[0] >= 0; })
        .sort(function (a, b) { return a[0] - b[0] || (a[1][0] < b[1][0] ? -1 : 1); });
      status.textContent = found.length ? body.dataset.found.replace("%n", found.length) : body.dataset.notFound;
      found.slice(0, most).forEach(function (pair) { list.appendChild(item(pair[1])); });
    }
    function load() {
      if (form.dataset.loaded) return;
      form.dataset.loaded = "1";
      var script = document.createElement("script");
      script.src = form.dataset.index;
      script.addEventListener("load", show);
      document.head.appendChild(script);
    }
    input.addEventListener("focus", load);
    input.addEventListener("input", show);
    form.addEventListener("submit", function (e) {
      e.preventDefault();
      var first = list.querySelector("a");
      if (first) location.href = first.href;
    });
    form.addEventListener("keydown", function (e) {
      var links = all("li a:first-child", list), at = links.indexOf(document.activeElement.closest("li") ? document.activeElement.closest("li").querySelector("a") : null);
      if (e.key === "ArrowDown" && at + 1 < links.length) { e.preventDefault(); links[at + 1].focus(); }
      else if (e.key === "ArrowUp" && at >= 0) { e.preventDefault(); (at ? links[at - 1] : input).focus(); }
      else if (e.key === "Escape") { input.value = ""; show(); input.focus(); }
    });
    form.addEventListener("focusout", function (e) { if (!form.contains(e.relatedTarget)) box.hidden = true; });
    form.addEventListener("focusin", function () { box.hidden = !list.children.length && !status.textContent; });
    form.hidden = false;
  }
  all("form.find").forEach(makeSearch);

  /* --- tables ---------------------------------------------------------------------------------------------------- */
  var raw = function (cell) { return cell.dataset.v !== undefined ? cell.dataset.v : shown(cell); };
  function shown(cell) {
    return Array.prototype.map.call(cell.childNodes, function (n) {
      return n.nodeType === 3 || n.nodeName === "A" ? n.textContent : "";
    }).join("").trim();
  }
  var language = document.documentElement.lang;
  function compare(a, b, sign) {
    if (a === "" || a === "—") return b === "" || b === "—" ? 0 : 1; /* missing stays last */
    if (b === "" || b === "—") return -1;
    var x = Number(a.replace(/,/g, "")), y = Number(b.replace(/,/g, ""));
    return sign * (isNaN(x) || isNaN(y) ? a.localeCompare(b, language) : x - y);
  }
  function sortBy(table, index, button) {
    var th = button.closest("th");
    var isNumber = th.classList.contains("n");
    var now = th.getAttribute("aria-sort");
    var next = now === "descending" ? "ascending" : now === "ascending" ? "descending" : isNumber ? "descending" : "ascending";
    all("th[aria-sort]", table).forEach(function (h) { h.removeAttribute("aria-sort"); });
    th.setAttribute("aria-sort", next);
    var rows = all("tbody tr", table).map(function (row, i) { return [raw(row.cells[index]), i, row]; });
    rows.sort(function (a, b) { return compare(a[0], b[0], next === "ascending" ? 1 : -1) || a[1] - b[1]; });
    rows.forEach(function (entry) { table.tBodies[0].appendChild(entry[2]); });
  }
  function makeSortable(table) {
    all("thead .th", table).forEach(function (span, index) {
      var button = document.createElement("button");
      button.type = "button";
      button.title = body.dataset.sort;
      button.textContent = span.textContent;
      button.addEventListener("click", function () { sortBy(table, index, button); });
      span.textContent = "";
      span.appendChild(button);
    });
  }
  var found = {}; /* what a county is found by, from the one table of the page that says it */
  all("tr[data-find][data-code]").forEach(function (row) { found[row.dataset.code] = row.dataset.find; });
  function makeFilter(table, tools) {
    var input = tools.querySelector("[data-filter]"), select = tools.querySelector("[data-state]");
    if (!input) return;
    var group = tools.querySelector("select[data-group]");
    var count = tools.querySelector("[data-count]");
    var rows = all("tbody tr", table);
    var texts = rows.map(function (row) { return (row.textContent + " " + (row.dataset.find || found[row.dataset.code] || "")).toLowerCase(); });
    function apply() {
      var wanted = input.value.trim().toLowerCase(), state = select ? select.value : "", of = group ? group.value : "", n = 0;
      rows.forEach(function (row, i) {
        var fits = texts[i].indexOf(wanted) >= 0 && (!state || (" " + row.dataset.state + " ").indexOf(" " + state + " ") >= 0);
        fits = fits && (!of || row.dataset.group === of);
        row.hidden = !fits;
        if (fits) n += 1;
      });
      count.textContent = body.dataset.filterCount.replace("%n", n).replace("%m", rows.length);
    }
    input.addEventListener("input", apply);
    if (select) select.addEventListener("change", apply);
    if (group) group.addEventListener("change", apply);
    apply();
  }
  function csv(table) {
    var quote = function (text) {
      if (/^[=+\-@\t\r]/.test(text) && isNaN(text.replace(/[,%\s]/g, ""))) text = "'" + text;
      return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    };
    var heads = all("thead th", table), rows = all("tbody tr", table);
    var title = function (th) { return th.querySelector(".th").textContent; };
    var constants = JSON.parse(table.dataset.constants || "[]");
    var traced = heads.filter(function (th) { return th.dataset.trace; });
    var traceOf = function (row) { return row.dataset.trace || (table.dataset.trace ? table.dataset.trace + row.dataset.find : ""); };
    var hasTrace = rows.some(traceOf);
    var more = constants.map(function (pair) { return pair[0]; });
    if (hasTrace) more.push("trace_id");
    more = more.concat(traced.map(function (th) { return "trace_id " + title(th); }));
    var lines = [heads.map(title).concat(more)];
    if (heads.some(function (th) { return th.dataset.unit; })) {
      lines.push(heads.map(function (th) { return th.dataset.unit || ""; }).concat(more.map(function () { return ""; })));
    }
    rows.forEach(function (row) {
      if (row.hidden) return;
      var tail = constants.map(function (pair) { return pair[1]; });
      if (hasTrace) tail.push(traceOf(row));
      tail = tail.concat(traced.map(function (th) { return row.dataset.code + th.dataset.trace; }));
      lines.push(Array.prototype.map.call(row.cells, raw).concat(tail));
    });
    var text = "\ufeff" + lines.map(function (line) { return line.map(quote).join(","); }).join("\r\n") + "\r\n";
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.download = table.dataset.file;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }
  all(".tools").forEach(function (tools) {
    var table = document.getElementById(tools.dataset.for);
    if (table.dataset.sortable !== undefined) makeSortable(table);
    makeFilter(table, tools);
    tools.querySelector("[data-csv]").addEventListener("click", function () { csv(table); });
    tools.hidden = false;
  });
})();
