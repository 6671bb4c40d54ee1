// The console's shell: router, live data, and what pages share. A page is pages/NAME.mjs: `export const title` and a default
// component, which gets { rest, query }: the path's segments after NAME, decoded, and its URLSearchParams.
import { h, html, render, useState, useEffect, useReducer, useRef, useMemo, useCallback, useLayoutEffect, useErrorBoundary } from './vendor/preact-htm.mjs';
export { h, html, useState, useEffect, useReducer, useRef, useMemo, useCallback, useLayoutEffect };

// "/" on the control port, "/_tarn/" on the AWS port: before every address.
export const base = new URL('.', import.meta.url).pathname;
const at = (path) => base + path.replace(/^\//, '');

export const pages = [
	['', 'Pipeline', 'p', 'the way of records, with counts; where is my record?'],
	['streams', 'Streams', 's', 'topics and streams, groups and lag'],
	['lake', 'Lake', 'l', 'objects and tables'],
	['sql', 'SQL', 'q', 'statements and charts'],
	['notebooks', 'Notebooks', 'n', 'notebooks and their output'],
	['runs', 'Runs', 'r', 'DAGs, jobs, scenarios'],
	['requests', 'Requests', 'e', 'what was asked, and what isn’t served'],
	['control', 'Control', 'c', 'clock, faults, snapshots, addresses'],
	['lessons', 'Lessons', 'o', 'what to try, step by step, with a check'],
	['docs', 'Docs', 'd', 'help'],
];

// ---- numbers and times in words ----
export const num = (n) => n == null ? '–' : Number(n).toLocaleString('en-US');
export const bytes = (n) => {
	if (n == null) return '–';
	const units = ['B', 'KB', 'MB', 'GB', 'TB'];
	let i = 0;
	while (n >= 1000 && i < 4) { n /= 1024; i++; }
	return (i && n < 100 ? n.toFixed(1) : Math.round(n)) + ' ' + units[i];
};
export const micros = (us) => us == null ? '–' : us < 1000 ? us + ' µs' : us < 1e6 ? (us / 1000).toFixed(us < 1e4 ? 1 : 0) + ' ms' : (us / 1e6).toFixed(1) + ' s';
export const when = (iso) => iso ? String(iso).replace('T', ' ').replace(/\.\d+Z?$|Z$/, '') : '–';
export const hour = (iso) => iso ? String(iso).slice(11, 23) : '–';

// ---- asking ----
let token = document.querySelector('meta[name=tarn-token]').content;

async function ask(path, options) {
	let r;
	try {
		r = await fetch(at(path), { ...options, cache: 'no-store' });
	} catch (e) {
		if (e.name === 'AbortError') throw e;
		throw new Error('tarn doesn’t answer: is it still running?');
	}
	const text = await r.text();
	let body = text;
	if (/json/.test(r.headers.get('content-type') || ''))
		try { body = JSON.parse(text); } catch { /* lines of JSON, or none: as text */ }
	if (!r.ok)
		throw Object.assign(new Error((body && (body.error?.message || body.error || body.message)) || text.trim() || `${r.status} ${r.statusText}`), { status: r.status, body });
	return body;
}
// JSON parsed, all else as text. Isn't journaled. Throws an Error that says in words what was wrong (.status, .body).
export const get = (path, options = {}) => ask(path, { ...options, headers: { 'X-Tarn': 'console', ...options.headers } });
// Text and files as they are, anything else as JSON; method DELETE or PUT by options.
export const post = (path, body = '', options = {}) => ask(path, {
	method: 'POST', body: options.method === 'DELETE' && body === '' ? undefined : typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body), ...options,
	headers: { 'X-Tarn': token, 'Content-Type': typeof body === 'string' ? 'text/plain' : body instanceof Blob ? 'application/octet-stream' : 'application/json', ...options.headers },
});

// { data, error, loading, again }: of a path, null for none. live: asked again while requests come in, no more often than every so many ms.
export function useGet(path, { live = 0, lines = false } = {}) {
	const [s, set] = useState({ loading: !!path });
	const [n, again] = useReducer((x) => x + 1, 0);
	const seq = useLive((l) => live ? l.seq + ':' + l.boot : 0);
	const last = useRef(-1e9);
	useEffect(() => {
		if (!path) { set({ loading: false }); return; }
		const stop = new AbortController();
		const wait = live ? Math.max(0, last.current + live - performance.now()) : 0;
		const t = setTimeout(() => {
			last.current = performance.now();
			get(path, { signal: stop.signal }).then(
				(data) => set({ data: lines && typeof data === 'string' ? data.split('\n').filter(Boolean).map(JSON.parse) : data, loading: false, of: path }),
				(error) => error.name === 'AbortError' || set((was) => ({ data: was.of === path ? was.data : undefined, error, loading: false, of: path })));
		}, wait);
		return () => { clearTimeout(t); if (!live) stop.abort(); };
	}, [path, n, seq]);
	return { ...(s.of === path || !path ? s : { loading: true }), again };
}

// ---- live: one stream of events ----
// status: connecting | live | reconnecting | paused; state: what /api/events calls state; journal: the last requests, newest first;
// notices: by id; seq: counts what came; past: [ms, counters] of the last minute.
const live = { status: 'connecting', state: {}, journal: [], notices: new Map(), seq: 0, boot: '', version: '', past: [], clockAt: 0 };
const KEPT = 300, PAST_MS = 60000, SILENT_MS = 12000;
const watchers = new Set();
let source, lastId = '', retry = 0, timer, heard = 0, framed = false;

function changed() {
	if (framed) return;
	framed = true;
	const go = () => { framed = false; for (const w of [...watchers]) w(); };
	if (document.hidden) setTimeout(go, 200); else requestAnimationFrame(go);
}
function set(status) {
	if (live.status === status) return;
	const was = live.status;
	live.status = status;
	if (status === 'reconnecting') say('Connection lost, reconnecting');
	if (status === 'live' && was === 'reconnecting') say('Connected again');
	changed();
}
function remember(counters) {
	const now = performance.now(), past = live.past;
	if (!past.length || now - past[past.length - 1][0] > 900) past.push([now, counters]);
	while (past.length > 2 && now - past[0][0] > PAST_MS) past.shift();
}
const on = {
	hello(d) {
		if (live.boot && live.boot !== d.boot) { live.journal = []; live.notices = new Map(); live.past = []; }
		live.boot = d.boot;
		live.version = d.version;
		if (d.token) token = d.token;
	},
	state(d) {
		on.beat(d);
		const { clock, frozen, advancing, ...rest } = d;
		live.state = { ...rest };
		remember(d.counters);
	},
	beat(d) {
		live.seq++;
		live.clock = { now: d.clock, frozen: d.frozen, advancing: d.advancing };
		live.clockAt = performance.now();
		if (live.state.counters) remember(live.state.counters);
	},
	journal(d) {
		live.seq++;
		live.journal = [...d.filter((x) => x.seq).reverse(), ...live.journal].slice(0, KEPT);
	},
	notice(d) { live.notices = new Map(live.notices).set(d.id, d); live.seq++; },
};
function connect() {
	clearTimeout(timer);
	source?.close();
	heard = performance.now();
	source = new EventSource(at('api/events') + (lastId ? '?since=' + lastId : ''));
	for (const name in on)
		source.addEventListener(name, (e) => {
			heard = performance.now();
			retry = 0;
			if (e.lastEventId) lastId = e.lastEventId;
			on[name](JSON.parse(e.data));
			set('live');
			changed();
		});
	source.onerror = lost;
}
function lost() {
	source?.close();
	source = null;
	set('reconnecting');
	clearTimeout(timer);
	timer = setTimeout(connect, Math.min(3000, 250 * 2 ** retry++));
}
setInterval(() => { if (source && performance.now() - heard > SILENT_MS) lost(); }, 2000);
// A browser lets few connections to a host be open: pages that nobody sees give theirs back.
document.addEventListener('visibilitychange', () => {
	clearTimeout(timer);
	if (!document.hidden) { if (!source) connect(); } else timer = setTimeout(() => { source?.close(); source = null; set('paused'); }, 15000);
});
addEventListener('pagehide', () => source?.close());
addEventListener('pageshow', (e) => e.persisted && connect());

// What pick takes of it, again whenever that is another one; without pick all of it, whenever anything came.
export function useLive(pick) {
	const [, force] = useReducer((x) => x + 1, 0);
	const got = pick ? pick(live) : live;
	const last = useRef(got);
	last.current = got;
	useEffect(() => {
		const w = () => { if (!pick || !Object.is(pick(live), last.current)) force(); };
		watchers.add(w);
		w();
		return () => watchers.delete(w);
	}, []);
	return got;
}
// How many a second, of the last seconds: fn(counters) gives a number.
export function rate(fn, seconds = 5) {
	const past = live.past, now = performance.now();
	if (!live.state.counters || past.length < 1) return 0;
	const from = past.find(([t]) => now - t <= seconds * 1000) || past[past.length - 1];
	const d = (fn(live.state.counters) || 0) - (fn(from[1]) || 0), s = (now - from[0]) / 1000;
	return s > 0.5 && d > 0 ? d / s : 0;
}
// The emulated time now, in milliseconds.
export const clockNow = () => live.clock ? Date.parse(live.clock.now) + (live.clock.frozen ? 0 : performance.now() - live.clockAt) : 0;

// ---- what is said to who can't see it ----
let sayer;
export const say = (text) => { if (sayer) { sayer.textContent = ''; setTimeout(() => { sayer.textContent = text; }, 50); } };

// ---- where we are ----
const here = () => location.pathname.slice(base.length - 1) + location.search;
let moved = () => {};
// To a page of the console: go('/journey/t-1'). replace: without a step for Back.
export function go(path, replace) {
	history[replace ? 'replaceState' : 'pushState'](null, '', at(path));
	moved(replace);
}
addEventListener('popstate', () => moved());
export const href = at;
// A link within the console.
export const Link = ({ to, children, ...rest }) => html`<a href=${at(to)} ...${rest} onClick=${(e) => {
	if (e.metaKey || e.ctrlKey || e.shiftKey || e.button) return;
	e.preventDefault();
	go(to);
}}>${children}</a>`;
export const journey = (id) => '/journey/' + encodeURIComponent(id);

// ---- shared components ----
export const Notice = ({ kind = 'info', children }) => html`<div class=${'notice ' + kind} role=${kind === 'error' ? 'alert' : null}>
	<b>${{ info: '', ok: 'Done. ', warn: 'Note: ', error: 'Failed: ' }[kind]}</b>${children}</div>`;
export const Badge = ({ kind = '', children }) => html`<span class=${'badge ' + kind}>${children}</span>`;
export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

// columns: [{ key, title, num, render(row), width }]; rows: objects. caption: what it is, read aloud; shown where show is set.
// onRow: what a row's first cell leads to. max: rows that are shown before "more".
export function Table({ columns, rows, caption, show, empty = 'Nothing yet.', max = 200, keyOf, rowClass }) {
	const [limit, setLimit] = useState(max);
	const box = useRef(), [wide, setWide] = useState(false);
	useLayoutEffect(() => { const b = box.current; if (b) setWide(b.scrollWidth > b.clientWidth + 1); });
	if (!rows || !rows.length) return html`<div>${show && html`<h3>${caption}</h3>`}<${Empty}>${empty}<//></div>`;
	return html`<div class="scroll" ref=${box} tabindex=${wide ? 0 : null} role=${wide ? 'region' : null} aria-label=${wide ? caption : null}>
		<table><caption class=${show ? '' : 'away'}>${caption}</caption>
		<thead><tr>${columns.map((c) => html`<th scope="col" class=${c.num ? 'num' : ''}>${(c.title ?? c.key) || html`<span class="away">What can be done</span>`}</th>`)}</tr></thead>
		<tbody>${rows.slice(0, limit).map((r, i) => html`<tr key=${keyOf ? keyOf(r) : i} class=${rowClass ? rowClass(r) : null}>${columns.map((c) => html`
			<td class=${(c.num ? 'num ' : '') + (c.mono ? 'mono ' : '') + (c.class || '')}>${c.render ? c.render(r) : text(r[c.key])}</td>`)}</tr>`)}</tbody></table>
		${rows.length > limit && html`<button class="quiet" onClick=${() => setLimit(limit + max)}>${num(rows.length - limit)} more</button>`}</div>`;
}
// Whatever a cell holds, as text: no value breaks a page.
export const text = (v) => v == null ? html`<span class="dim">null</span>` : typeof v === 'object' ? (v.__v !== undefined || Array.isArray(v) && v.some((x) => x?.__v !== undefined) ? v : JSON.stringify(v)) : typeof v === 'boolean' ? String(v) : v;

// tabs: [[id, title, content]]; content may be a function.
export function Tabs({ tabs, value, onChange, label }) {
	const [own, setOwn] = useState(tabs[0][0]);
	const now = value ?? own, set = onChange ?? setOwn, id = useMemo(() => 't' + Math.random().toString(36).slice(2, 7), []);
	const keys = (e) => {
		const i = tabs.findIndex(([t]) => t === now), step = { ArrowRight: 1, ArrowLeft: -1, Home: -i, End: tabs.length - 1 - i }[e.key];
		if (step === undefined) return;
		e.preventDefault();
		const to = tabs[(i + step + tabs.length) % tabs.length][0];
		set(to);
		document.getElementById(id + to)?.focus();
	};
	const shown = tabs.find(([t]) => t === now) || tabs[0];
	return html`<div class="tabs"><div role="tablist" aria-label=${label} onKeyDown=${keys}>${tabs.map(([t, title]) => html`
		<button role="tab" id=${id + t} aria-selected=${t === shown[0]} aria-controls=${id + 'p'} tabindex=${t === shown[0] ? 0 : -1} onClick=${() => set(t)}>${title}</button>`)}</div>
		<div role="tabpanel" id=${id + 'p'} aria-labelledby=${id + shown[0]} tabindex="0">${typeof shown[2] === 'function' ? shown[2]() : shown[2]}</div></div>`;
}

// A button that copies a text (also where the page isn't of a secure origin).
export function Copy({ text: what, label = 'Copy', name }) {
	const [done, set] = useState(false);
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(what);
		} catch {
			const t = Object.assign(document.createElement('textarea'), { value: what });
			document.body.append(t);
			t.select();
			document.execCommand('copy');
			t.remove();
		}
		set(true);
		say('Copied');
		setTimeout(() => set(false), 1500);
	};
	return html`<button class="quiet copy" onClick=${copy} aria-label=${(done ? 'Copied' : label) + (name ? ' ' + name : '')}>${done ? 'Copied' : label}</button>`;
}
export const Code = ({ text: what, name }) => html`<div class="code"><pre tabindex="0" aria-label=${name || 'code'}>${what}</pre><${Copy} text=${what} name=${name} /></div>`;

// Bars of { label, value }, with numbers beside them: picture and table in one.
export function Bars({ rows, caption, unit = '', max }) {
	const top = max || Math.max(1, ...rows.map((r) => +r.value || 0));
	return html`<table class="bars"><caption class="away">${caption}</caption><tbody>${rows.map((r) => html`<tr><th scope="row">${r.label}</th>
		<td class="bar"><svg width="100%" height="14" preserveAspectRatio="none" viewBox="0 0 100 14" aria-hidden="true"><rect width=${Math.max(0.5, 100 * (+r.value || 0) / top)} height="14" /></svg></td>
		<td class="num">${num(r.value)}${unit}</td></tr>`)}</tbody></table>`;
}

// Any value as a tree that opens, or as text; a string that is JSON is read. open: how many levels are open at first. changed: keys that are marked.
export function Json({ value, open = 1, changed: marked }) {
	let v = value;
	if (typeof v === 'string' && /^\s*[[{]/.test(v)) try { v = JSON.parse(v); } catch { /* not JSON: as it is */ }
	return html`<div class="json">${node(v, open, marked)}</div>`;
}
function node(v, open, marked) {
	if (v === null || typeof v !== 'object')
		return html`<span class=${'j' + (v === null ? 'null' : typeof v)}>${typeof v === 'string' ? JSON.stringify(v) : String(v)}</span>`;
	const list = Array.isArray(v), entries = Object.entries(v);
	if (!entries.length) return list ? '[]' : '{}';
	return html`<details open=${open > 0}><summary>${list ? `[${entries.length}]` : `{${entries.length}}`}</summary><ul>${entries.slice(0, 500).map(([k, x]) => html`
		<li class=${marked?.includes(k) ? 'changed' : ''}>${!list && html`<b>${k}</b>: `}${node(x, open - 1)}${marked?.includes(k) && html` <${Badge} kind="accent">changed<//>`}</li>`)}
		${entries.length > 500 && html`<li>… ${entries.length - 500} more</li>`}</ul></details>`;
}

// A button whose action may take a while and may fail: what went wrong is shown beside it.
export function Act({ act, children, kind = '', done, confirm: question, disabled, ...rest }) {
	const [s, set] = useState({});
	const run = async () => {
		if (question && !confirm(question)) return;
		set({ busy: true });
		try {
			const r = await act();
			const words = typeof done === 'function' ? done(r) : done;
			set({ ok: words });
			if (words) { say(words); setTimeout(() => set((x) => x.ok === words ? {} : x), 6000); }
		} catch (e) {
			set({ error: e.message });
		}
	};
	return html`<span class="act"><button class=${kind} onClick=${run} disabled=${disabled || s.busy} aria-busy=${!!s.busy} ...${rest}>${children}</button>
		${s.ok && html`<span class="said ok">${s.ok}</span>`}${s.error && html`<span class="said error" role="alert">${s.error}</span>`}</span>`;
}

// ---- theme ----
const themes = ['auto', 'light', 'dark'];
const theme = { get: () => { try { return localStorage.tarnTheme || 'auto'; } catch { return 'auto'; } }, set(t) { try { localStorage.tarnTheme = t; } catch { /* not kept */ } theme.show(t); },
	show: (t) => { if (t === 'auto') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = t; } };
theme.show(theme.get());
function Theme() {
	const [t, set] = useState(theme.get());
	const next = themes[(themes.indexOf(t) + 1) % 3];
	return html`<button class="quiet" title=${`Theme: ${t}. Next: ${next}`} aria-label=${`Theme: ${t}`} onClick=${() => { theme.set(next); set(next); say('Theme ' + next); }}>
		<span aria-hidden="true">${{ auto: '◐', light: '☀', dark: '☾' }[t]}</span></button>`;
}

// ---- the bar ----
function Clock() {
	const clock = useLive((l) => l.clock), [, tick] = useReducer((x) => x + 1, 0);
	useEffect(() => {
		if (!clock || clock.frozen) return;
		const t = setInterval(tick, 1000);
		return () => clearInterval(t);
	}, [clock?.frozen]);
	if (!clock) return null;
	return html`<${Link} to="/control" class="chip" title="The emulated time"><span class="mono">${new Date(clockNow()).toISOString().slice(0, 19).replace('T', ' ')}</span>
		${clock.advancing ? html` <${Badge} kind="accent">advancing<//>` : clock.frozen && html` <${Badge}>frozen<//>`}<//>`;
}
function Bar() {
	const status = useLive((l) => l.status), faults = useLive((l) => l.state.faults?.length || 0), scenario = useLive((l) => { const s = l.state.scenario, done = s?.steps.filter((x) => x.state === 'passed' || x.state === 'failed').length; return s && `${s.steps.some((x) => x.state === 'failed') ? 'scenario failed, ' : s.paused ? 'scenario paused, ' : 'scenario, '}step ${done} of ${s.steps.length}`; });
	const unserved = useLive((l) => [...l.notices.values()].filter(isUnserved).length);
	return html`<div class="bar"><span class=${'chip status ' + status}><i class="dot"></i>${{ connecting: 'connecting', live: 'live', reconnecting: 'reconnecting', paused: 'paused' }[status]}</span>
		<${Clock} />
		${scenario && html`<${Link} to="/runs" class="chip"><${Badge} kind="accent">${scenario}<//><//>`}
		${faults > 0 && html`<${Link} to="/control" class="chip"><${Badge} kind="bad">${faults} ${faults === 1 ? 'FAULT' : 'FAULTS'} ON<//><//>`}
		${unserved > 0 && html`<${Link} to="/requests" class="chip"><${Badge} kind="warn">${unserved} not served<//><//>`}
		<${Theme} /><button class="quiet" aria-label="Keys" title="Keys: ?" onClick=${() => document.getElementById('keys').showModal()}>?</button></div>`;
}
export const isUnserved = (n) => n.event === 'unserved' || n.event === 'unsupported' || n.event === 'refused';

const Keys = () => html`<dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keys</h2><table><caption class="away">Keys</caption><tbody>
	${pages.map(([, name, key, what]) => html`<tr><th scope="row"><kbd>g</kbd> <kbd>${key}</kbd></th><td>${name}: ${what}</td></tr>`)}
	<tr><th scope="row"><kbd>/</kbd></th><td>search on this page</td></tr><tr><th scope="row"><kbd>?</kbd></th><td>this list; <kbd>Esc</kbd> closes it</td></tr></tbody></table>
	<form method="dialog"><button>Close</button></form></dialog>`;

let jumping = 0;
document.addEventListener('keydown', (e) => {
	const t = e.target;
	if (e.metaKey || e.ctrlKey || e.altKey || t.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(t.tagName) || document.querySelector('dialog[open]')) return;
	const page = jumping > Date.now() && pages.find((p) => p[2] === e.key);
	jumping = 0;
	if (page) { e.preventDefault(); go('/' + page[0]); }
	else if (e.key === 'g') jumping = Date.now() + 1500;
	else if (e.key === '?') document.getElementById('keys')?.showModal();
	else if (e.key === '/') { const s = document.querySelector('[data-search]'); if (s) { e.preventDefault(); s.focus(); s.select?.(); } }
});

// ---- the app ----
const loaded = new Map();
// An odd record breaks its page, not the console: what went wrong is said.
function Guarded({ page, rest, query }) {
	const [error, reset] = useErrorBoundary((e) => console.warn(e));
	return error ? html`<h1>${page.title}</h1><${Notice} kind="error">this page could not show what it got: ${error.message}. <button onClick=${reset}>Try again</button><//>`
		: html`<${page.default} rest=${rest} query=${query} />`;
}
function Page({ name, rest, query }) {
	const [page, set] = useState(loaded.get(name));
	const mine = page && page.name === name ? page : loaded.get(name);
	useEffect(() => {
		if (loaded.has(name)) { set(loaded.get(name)); return; }
		import(`./pages/${name}.mjs`).then((m) => { loaded.set(name, { name, ...m }); set(loaded.get(name)); },
			(e) => set({ name, title: name, default: () => html`<h1>No such page</h1><${Notice} kind="error">${e.message}<//><p><${Link} to="/">Pipeline<//></p>` }));
	}, [name]);
	useEffect(() => { if (mine) document.title = (typeof mine.title === 'function' ? mine.title(rest) : mine.title) + ' · tarn'; }, [mine, rest.join('/')]);
	return mine ? html`<${Guarded} key=${name} page=${mine} rest=${rest} query=${query} />` : html`<p class="empty" aria-busy="true">…</p>`;
}
function App() {
	const [path, set] = useState(here()), main = useRef();
	useEffect(() => {
		moved = (quietly) => {
			set((was) => {
				if (!quietly && was.split('?')[0] !== here().split('?')[0]) requestAnimationFrame(() => { main.current.focus({ preventScroll: true }); scrollTo(0, 0); });
				return here();
			});
		};
		connect();
	}, []);
	const [where, search] = path.split('?'), [first, ...rest] = where.slice(1).split('/').map((x) => { try { return decodeURIComponent(x); } catch { return x; } });
	const name = first || 'pipeline';
	return html`<a class="skip" href="#main" onClick=${(e) => { e.preventDefault(); main.current.focus(); }}>Skip to content</a>
		<header><${Link} to="/" class="brand" aria-label="tarn: pipeline"><img src=${at('icon.svg')} alt="" width="28" height="28" />tarn<//>
		<nav aria-label="Pages">${pages.map(([id, label, key]) => html`<${Link} to=${'/' + id} aria-current=${(id || 'pipeline') === name ? 'page' : null} title=${`g ${key}`}>${label}<//>`)}</nav>
		<${Bar} /></header>
		<main id="main" ref=${main} tabindex="-1"><${Page} name=${name} rest=${rest.filter((x, i) => x || i < rest.length - 1)} query=${new URLSearchParams(search || '')} /></main>
		<${Keys} /><div class="away" role="status" aria-live="polite" ref=${(e) => { sayer = e; }}></div>`;
}
render(html`<${App} />`, document.getElementById('app'));
