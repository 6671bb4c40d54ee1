// Statements over the lake's tables and MySQL's, the stack's questions, and their rows as a table and as a chart.
import { html, useState, useEffect, useRef, useMemo, useGet, post, Table, Tabs, Bars, Notice, Empty, Act, Copy, num, text, say, micros } from '../app.mjs';

export const title = 'SQL';

const NUMBER = /^(tinyint|smallint|int|integer|bigint|float|double|decimal)/, TIME = /^(date|timestamp|time)/, POINTS = 2000, BARS = 60;
const name = (s) => '`' + s.replace(/`/g, '``') + '`';
const kept = {
	get: (of) => { try { return localStorage['tarnSql.' + of] || ''; } catch { return ''; } },
	set: (of, sql) => { try { localStorage['tarnSql.' + of] = sql; } catch { /* not kept */ } },
};
const sources = {
	lake: {
		label: 'Lake', what: 'Spark SQL over the lake’s tables', sample: 'SHOW TABLES',
		async run(sql, signal) {
			const r = await post('api/tarn/sql?as=json', sql, { signal });
			return { columns: (r.schema || []).map((c) => ({ name: c.name, type: c.type })), rows: r.rows || [], truncated: r.truncated };
		},
		tables: async () => (await post('api/tarn/sql?as=json', 'SHOW TABLES')).rows.map((r) => r[1]),
		columns: async (t) => (await post('api/tarn/sql?as=json', 'DESCRIBE ' + name(t))).rows.filter((r) => r[0] && r[0][0] !== '#').map((r) => [r[0], r[1]]),
		explain: (sql) => 'EXPLAIN ' + sql,
	},
	mysql: {
		label: 'MySQL', what: 'MySQL: the tables that rows are read from', sample: 'SHOW TABLES',
		async run(sql, signal) {
			const r = await post('api/rds/sql', sql, { signal });
			return { columns: r.columns.map((c, i) => ({ name: c, type: r.types[i] })), rows: r.rows, truncated: r.truncated };
		},
		tables: async () => (await post('api/rds/sql', 'SHOW TABLES')).rows.map((r) => r[0]),
		columns: async (t) => (await post('api/rds/sql', 'DESCRIBE ' + name(t))).rows.map((r) => [r[0], r[1]]),
		explain: (sql) => 'EXPLAIN ' + sql,
	},
};

// ---- charts ----

const numeric = (v) => v === null || v === '' ? NaN : Number(v);
const isNumber = (c) => NUMBER.test(c.type);
const asX = (c) => isNumber(c) ? numeric : TIME.test(c.type) ? (v) => v === null ? NaN : Date.parse(String(v).replace(' ', 'T') + (/[zZ]$|[+-]\d\d:?\d\d$/.test(v) || !/:/.test(v) ? '' : 'Z')) : null;

// Round steps between two numbers, about n of them.
function ticks(low, high, n, whole) {
	const span = high - low || Math.abs(high) || 1, raw = whole ? Math.max(1, span / n) : span / n, power = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find((m) => m * power >= raw) * power, out = [];
	for (let v = Math.ceil(low / step) * step; v <= high + step / 1e6; v += step) out.push(Math.abs(v) < step / 1e6 ? 0 : v);
	return out;
}
const short = (v) => Math.abs(v) >= 1e9 ? +(v / 1e9).toFixed(1) + 'G' : Math.abs(v) >= 1e6 ? +(v / 1e6).toFixed(1) + 'M' : Math.abs(v) >= 1e4 ? +(v / 1e3).toFixed(1) + 'k' : String(+v.toPrecision(6));

// Lines or points of { x, y, by }. Colours stand beside their names, and lines differ by dashes, too.
function Plot({ kind, data, x, y, by, rows }) {
	const W = 960, H = 420, L = 74, R = 20, T = 16, B = 62, toX = asX(data.columns[x]);
	const groups = new Map(), labels = [];
	for (const r of rows.slice(0, POINTS)) {
		const of = by < 0 ? '' : String(r[by]), py = numeric(r[y]);
		let px = toX ? toX(r[x]) : labels.indexOf(String(r[x]));
		if (!toX && px < 0) px = labels.push(String(r[x])) - 1;
		if (Number.isNaN(py) || Number.isNaN(px)) continue;
		if (!groups.has(of)) groups.set(of, []);
		groups.get(of).push([px, py, r]);
	}
	const weight = (points) => points.reduce((n, p) => n + Math.abs(p[1]), 0), shown = [...groups].sort((a, b) => weight(b[1]) - weight(a[1])).slice(0, 6), all = shown.flatMap(([, p]) => p);
	if (!all.length) return html`<${Empty}>No numbers to draw.<//>`;
	const xs = all.map((p) => p[0]), ys = all.map((p) => p[1]), x0 = Math.min(...xs), x1 = Math.max(...xs), low = Math.min(...ys), y0 = low > 0 && low < Math.max(...ys) / 2 ? 0 : low, y1 = Math.max(...ys);
	const whole = (list) => list.every(Number.isInteger), yt = ticks(y0, y1, 5, whole(ys)), bottom = Math.min(y0, yt[0] ?? y0), top = Math.max(y1, yt[yt.length - 1] ?? y1);
	const sx = (v) => x1 === x0 ? (L + W - R) / 2 : L + (v - x0) / (x1 - x0) * (W - L - R), sy = (v) => top === bottom ? (T + H - B) / 2 : H - B - (v - bottom) / (top - bottom) * (H - T - B);
	const time = toX && !isNumber(data.columns[x]), step = Math.max(1, Math.ceil(labels.length / 8));
	const xt = !toX ? labels.map((l, i) => [i, l.length > 14 ? l.slice(0, 13) + '…' : l]).filter(([i]) => i % step === 0)
		: time ? [0, 0.25, 0.5, 0.75, 1].map((f) => x0 + f * (x1 - x0)).map((v) => [v, new Date(v).toISOString().slice(0, x1 - x0 > 2 * 864e5 ? 10 : 19).replace('T', ' ')]) : ticks(x0, x1, 7, whole(xs)).map((v) => [v, short(v)]);
	return html`<figure class="plot"><svg viewBox="0 0 ${W} ${H}" role="img" aria-label=${`${data.columns[y].name} by ${data.columns[x].name}, ${all.length} points; the table below has the same numbers`}>
		${yt.map((v) => html`<line class="grid" x1=${L} x2=${W - R} y1=${sy(v)} y2=${sy(v)} /><text x=${L - 10} y=${sy(v) + 5} text-anchor="end">${short(v)}</text>`)}
		${xt.map(([v, l]) => html`<text x=${sx(v)} y=${H - B + 24} text-anchor=${time && v === x0 ? 'start' : time && v === x1 ? 'end' : 'middle'}>${l}</text>`)}
		<line class="axis" x1=${L} x2=${W - R} y1=${H - B} y2=${H - B} /><text class="name" x=${(L + W - R) / 2} y=${H - 10} text-anchor="middle">${data.columns[x].name}</text>
		<text class="name" transform=${`translate(16 ${(T + H - B) / 2}) rotate(-90)`} text-anchor="middle">${data.columns[y].name}</text>
		${shown.map(([, points], i) => html`<g class=${'series s' + i}>${kind === 'line' && html`<polyline points=${[...points].sort((a, b) => a[0] - b[0]).map(([a, b]) => sx(a).toFixed(1) + ',' + sy(b).toFixed(1)).join(' ')} />`}
			${(kind === 'point' || points.length <= 60) && points.map(([a, b, r]) => html`<circle cx=${sx(a).toFixed(1)} cy=${sy(b).toFixed(1)} r=${kind === 'point' ? 4 : 3.5}><title>${`${r[x]}: ${r[y]}`}</title></circle>`)}</g>`)}</svg>
		${by >= 0 && html`<figcaption>${shown.map(([l], i) => html`<span class=${'key s' + i}><i></i>${l}</span>`)}${groups.size > 6 && html`<span class="dim">and ${groups.size - 6} more, not drawn</span>`}</figcaption>`}</figure>`;
}

function Chart({ data }) {
	const cols = data.columns, numbers = cols.map((c, i) => isNumber(c) ? i : -1).filter((i) => i >= 0);
	const often = (i) => i >= 0 && new Set(data.rows.map((r) => r[i])).size < data.rows.length;
	// What a person would draw: numbers along a time, else along the first words.
	const first = useMemo(() => {
		const time = cols.findIndex((c) => TIME.test(c.type) || /year|month|date|hour/i.test(c.name)), y = numbers.filter((i) => i !== time).pop() ?? -1, words = cols.findIndex((c, i) => i !== time && !isNumber(c));
		const x = time >= 0 && y >= 0 ? time : words >= 0 ? words : 0, by = often(x) ? cols.findIndex((c, i) => i !== x && i !== y && (!isNumber(c) || i < y)) : -1;
		return { x, y: y < 0 ? numbers[0] : y, by, kind: x === time || isNumber(cols[x]) ? 'line' : 'bar' };
	}, []);
	const [x, setX] = useState(first.x), [y, setY] = useState(first.y), [by, setBy] = useState(first.by), [kind, setKind] = useState(first.kind);
	if (!numbers.length || !data.rows.length) return html`<${Empty}>A chart needs a column of numbers.<//>`;
	const pick = (title, value, set, among, none) => html`<label>${title}<select value=${value} onChange=${(e) => set(+e.target.value)}>${none && html`<option value="-1">–</option>`}${among.map((i) => html`<option value=${i} selected=${i === value}>${cols[i].name}</option>`)}</select></label>`;
	const every = cols.map((_, i) => i), others = every.filter((i) => i !== x && i !== y);
	return html`<div class="row" role="group" aria-label="Chart"><span>${[['bar', 'Bars'], ['line', 'Line'], ['point', 'Points']].map(([k, l]) => html`<button class="quiet" aria-pressed=${kind === k} onClick=${() => setKind(k)}>${l}</button> `)}</span>
		${pick('Along', x, setX, every)}${pick('Value', y, setY, numbers)}${pick(kind === 'bar' ? 'And' : 'A line each', by, setBy, others, true)}</div>
		${kind === 'bar' ? html`<${Bars} caption=${`${cols[y].name} by ${cols[x].name}`} rows=${data.rows.slice(0, BARS).map((r) => ({ label: String(r[x]) + (by >= 0 ? ', ' + r[by] : ''), value: numeric(r[y]) }))} />
			${data.rows.length > BARS && html`<p class="dim">The first ${BARS} of ${num(data.rows.length)} rows.</p>`}`
		: html`<${Plot} kind=${kind} data=${data} x=${x} y=${y} by=${by} rows=${data.rows} />`}`;
}

// ---- the page ----

const field = (v) => { const t = v == null ? '' : typeof v === 'object' ? JSON.stringify(v) : String(v); return /[",\n\r]/.test(t) ? '"' + t.replace(/"/g, '""') + '"' : t; };
const csv = (data) => [data.columns.map((c) => field(c.name)), ...data.rows.map((r) => r.map(field))].map((r) => r.join(',')).join('\r\n') + '\r\n';

export function Rows({ data, caption, max = 200 }) {
	return html`<${Table} caption=${caption || 'Rows'} rows=${data.rows} max=${max} empty="No rows." columns=${data.columns.map((c, i) => ({ title: html`${c.name} <small class="dim">${c.type.length > 24 ? c.type.slice(0, 23) + '…' : c.type}</small>`, num: isNumber(c), render: (r) => typeof r[i] === 'string' ? html`<span class="sqlcell">${r[i].length > 400 ? r[i].slice(0, 399) + '…' : r[i]}</span>` : text(r[i]) }))} />`;
}

function Tables({ source, use }) {
	const [list, setList] = useState(), [open, setOpen] = useState({}), [error, setError] = useState();
	const look = () => source.tables().then(setList, setError);
	useEffect(() => { setList(); setError(); look(); }, [source]);
	const unfold = async (t, e) => { if (e.currentTarget.open && !open[t]) { try { const c = await source.columns(t); setOpen((o) => ({ ...o, [t]: c })); } catch (x) { setError(x); } } };
	return html`<section class="card"><h2>Tables</h2>${error && html`<${Notice} kind="error">${error.message}<//>`}
		${list && !list.length && html`<${Empty}>None yet${source === sources.lake ? html`: ` : '.'}${source === sources.lake && html`<${Act} act=${async () => { await post('api/tarn/clean'); await look(); }} done="cleaned">Clean now<//>`}<//>`}
		<ul class="plain">${(list || []).map((t) => html`<li class="sqltable"><details onToggle=${(e) => unfold(t, e)}><summary>${t}</summary>
			<dl class="facts">${(open[t] || []).map(([c, type]) => html`<dt class="mono">${c}</dt><dd class="dim mono">${type.length > 40 ? type.slice(0, 39) + '…' : type}</dd>`)}</dl></details>
			<button class="quiet" onClick=${() => use(`SELECT * FROM ${/^\w+$/.test(t) && !/^\d/.test(t) ? t : name(t)} LIMIT 100`)} aria-label=${'Show rows of ' + t}>Rows</button></li>`)}</ul></section>`;
}

export default function Sql({ query }) {
	const [of, setOf] = useState(query.get('on') === 'mysql' ? 'mysql' : 'lake'), source = sources[of];
	const questions = useGet('api/tarn/queries').data?.queries || [];
	const [sql, setSql] = useState(query.get('sql') || kept.get(of) || source.sample), [s, set] = useState({}), chosen = query.get('q'), n = useRef(0), stop = useRef(null);
	const question = questions.find((q) => q.sql && q.sql.trim() === sql.trim());
	const run = async (statement = sql, as = of) => {
		const mine = ++n.current, began = performance.now();
		stop.current?.abort();
		stop.current = new AbortController();
		set((was) => ({ ...was, busy: true, error: undefined }));
		kept.set(as, sql);
		try {
			const data = await sources[as].run(statement, stop.current.signal);
			if (mine !== n.current) return;
			set({ data, ms: performance.now() - began, n: mine });
			say(`${data.rows.length} rows`);
		} catch (error) {
			if (mine === n.current) set(error.name === 'AbortError' ? { error: new Error('stopped') } : { error });
		}
	};
	const use = (statement, as = of) => { setOf(as); setSql(statement); run(statement, as); };
	const change = (to) => { if (to === of) return; kept.set(of, sql); setOf(to); setSql(kept.get(to) || sources[to].sample); set({}); };
	useEffect(() => { const q = questions.find((x) => x.name === chosen); if (q) use(q.sql, 'lake'); }, [chosen, questions.length]);
	useEffect(() => { if (query.get('sql')) run(); }, []);
	const keys = (e) => { if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); run(); } };
	const plan = s.data && s.data.columns.length === 1 && s.data.columns[0].name === 'plan';
	return html`<h1>SQL</h1><div class="side sql"><div>
		<section class="card"><div class="row">${Object.entries(sources).map(([id, x]) => html`<button class="quiet" aria-pressed=${of === id} onClick=${() => change(id)}>${x.label}</button>`)}
			${questions.length > 0 && html`<label class="grow">Question of the stack<select value=${question?.name || ''} onChange=${(e) => { const q = questions.find((x) => x.name === e.target.value); if (q) use(q.sql, 'lake'); }}>
				<option value="">choose one</option>${questions.map((q) => html`<option value=${q.name} selected=${question?.name === q.name}>${q.name}</option>`)}</select></label>`}</div>
			${question?.question && html`<p class="question">${question.question}</p>`}
			<label class="wide">${source.what}<textarea data-search rows=${Math.min(16, Math.max(4, sql.split('\n').length + 1))} spellcheck="false" value=${sql} onInput=${(e) => setSql(e.target.value)} onKeyDown=${keys}></textarea></label>
			<div class="row"><button class="main" onClick=${() => run()} disabled=${s.busy} aria-busy=${!!s.busy}>Run</button>${s.busy && html`<button class="danger" onClick=${() => stop.current.abort()}>Stop</button>`}<button onClick=${() => run(source.explain(sql))} disabled=${s.busy}>Explain</button><${Copy} text=${sql} name="the statement" />
				<span class="dim"><kbd>Ctrl</kbd> <kbd>Enter</kbd> runs</span></div></section>
		<section class="card result" aria-busy=${!!s.busy}><div class="row"><h2 class="grow">Result ${s.data && html`<small class="dim">${num(s.data.rows.length)} ${s.data.rows.length === 1 ? 'row' : 'rows'}${s.data.truncated ? ', more were cut' : ''}, ${micros(Math.round(s.ms * 1000))}</small>`}</h2>${s.data?.rows.length > 0 && !plan && html`<${Copy} text=${csv(s.data)} label="Copy as CSV" />`}</div>
			${s.error && html`<div role="alert"><${Notice} kind="error"><pre class="wrap">${s.error.message}</pre><//></div>`}
			${!s.data && !s.error && html`<${Empty}>${s.busy ? 'Running …' : 'Run a statement, or choose a question.'}<//>`}
			${plan ? html`<pre class="text" tabindex="0">${s.data.rows.map((r) => r[0]).join('\n')}</pre>`
			: s.data && (s.data.columns.length > 1 && s.data.rows.length > 1 && s.data.columns.some(isNumber) ? html`<${Tabs} key=${s.n} label="Result" tabs=${[['rows', 'Table', () => html`<${Rows} data=${s.data} />`], ['chart', 'Chart', () => html`<${Chart} key=${s.n} data=${s.data} /><h3>The numbers</h3><${Rows} data=${s.data} max=${20} />`]]} />`
				: html`<${Rows} data=${s.data} />`)}</section></div>
		<div><${Tables} source=${source} use=${use} /></div></div>`;
}
