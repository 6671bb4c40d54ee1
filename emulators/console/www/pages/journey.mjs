import { html, useState, useGet, go, Link, journey, Tabs, Json, Notice, Badge, Copy, Empty, bytes, micros, when, num } from '../app.mjs';

export const title = (rest) => rest[0] ? `Journey of ${rest[0]}` : 'Journey';

const words = { done: 'done', waiting: 'waiting', failed: 'failed', quarantined: 'quarantined', unknown: 'not known' };
const look = { done: 'ok', waiting: 'warn', failed: 'bad', quarantined: 'bad' };
const names = { row: 'Row as read', request: 'Request', template: 'Mapping template', record: 'Record', buffer: 'Buffer', object: 'Object', clean: 'Cleaned row', quarantine: 'Quarantine', commit: 'Commit', question: 'Questions' };

// Where a hop's link leads: a page of the console, or the journey from there.
const lead = (kind, v) => {
	const [, bucket, folder] = /^s3:\/\/([^/]+)\/(.*\/)?/.exec(v) || [];
	return bucket ? `/lake/objects/${encodeURIComponent(bucket)}${folder ? '?prefix=' + encodeURIComponent(folder) : ''}` : v.startsWith('/') ? v : journey(v);
};

// The hops of a journey in one line.
export function Strip({ data, lead: leads }) {
	const hops = data?.hops || [];
	return html`<ol class="strip" aria-label="Hops">${hops.map((h, i) => html`<li class=${'hop ' + h.state}>${leads ? html`<a href=${'#hop' + (i + 1)} onClick=${(e) => { e.preventDefault(); const to = document.getElementById('hop' + (i + 1)); to.scrollIntoView({ block: 'start' }); to.focus({ preventScroll: true }); }}><b>${h.service}</b></a>` : html`<b>${h.service}</b>`}<span class="small">${names[h.kind] || h.kind}</span><span class="small dim clamp" title=${h.title}>${h.title}</span><${Badge} kind=${look[h.state]}>${words[h.state] || h.state}<//></li>`)}</ol>`;
}

const plain = (v) => v != null && typeof v !== 'object';
const shown = (v) => typeof v === 'number' ? num(v) : Array.isArray(v) && v.every(plain) ? html`<ul class="plain">${v.map((x) => html`<li>${x}</li>`)}</ul>` : plain(v) ? String(v) : html`<${Json} value=${v} open=${1} />`;
function Facts({ facts }) {
	const all = Object.entries(facts || {}).filter(([, v]) => v != null && v !== '');
	return all.length ? html`<dl class="facts">${all.map(([k, v]) => html`<dt>${k.replace(/_/g, ' ')}</dt><dd class="mono"><${Long}>${shown(v)}<//></dd>`)}</dl>` : null;
}
// Three lines of what is long; a press shows all of it.
function Long({ children }) {
	const [open, set] = useState(false), long = typeof children === 'string' && children.length > 130;
	return long ? html`<button class=${'long' + (open ? '' : ' clamp3')} aria-expanded=${open} onClick=${() => set(!open)}>${children}</button>` : children;
}
const parsed = (v) => {
	if (typeof v === 'string' && /^\s*[[{]/.test(v)) try { return JSON.parse(v); } catch { /* a text */ }
	return v;
};
const flat = (v) => v && typeof v === 'object' && !Array.isArray(v) && Object.values(v).every((x) => x === null || typeof x !== 'object');
const cell = (x) => x === undefined ? html`<span class="dim">–</span>` : x === null ? html`<span class="dim">null</span>` : html`<${Long}>${String(x)}<//>`;
const Field = ({ k, changed }) => html`<th scope="row">${k}${changed && html` <${Badge} kind="accent">changed<//>`}</th>`;

function Value({ value, label, n, changed }) {
	if (value == null) return null;
	const v = parsed(value);
	return html`<div class="value"><div class="row tight"><h3>${label}</h3><${Copy} text=${typeof value === 'string' ? value : JSON.stringify(value, null, 1)} name=${label} /></div>
		${flat(v) ? html`<div class="scroll" tabindex="0" role="region" aria-label=${`${label}, hop ${n}`}><table class="fields"><caption class="away">${label}</caption><tbody>${Object.entries(v).map(([k, x]) => html`<tr class=${changed?.includes(k) ? 'changed' : ''}><${Field} k=${k} changed=${changed?.includes(k)} /><td class="mono">${cell(x)}</td></tr>`)}</tbody></table></div>`
			: typeof v === 'object' ? html`<div class="tree" tabindex="0" role="region" aria-label=${`${label}, hop ${n}`}><${Json} value=${v} open=${6} changed=${changed} /></div>` : html`<pre class="text" tabindex="0">${String(v)}</pre>`}</div>`;
}
// What cleaning made of a line: each column as it was and as it is, those that changed first.
function Cleaned({ h, n }) {
	const was = parsed(h.input), is = parsed(h.output), changed = new Set(h.changed || []);
	if (!flat(was) || !flat(is)) return html`<${Value} n=${n} value=${h.input} label="As it was" /><${Value} n=${n} value=${h.output} changed=${h.changed} label="As it is now" />`;
	const gone = Object.keys(was).filter((k) => !(k in is)), renamed = (k) => k in was ? k : gone.find((g) => String(was[g]) === String(is[k]));
	const rows = Object.keys(is).sort((a, b) => changed.has(b) - changed.has(a));
	return html`<div class="value"><div class="row tight"><h3>Before and after</h3><${Copy} text=${JSON.stringify(is, null, 1)} name="the cleaned row" /></div><div class="scroll" tabindex="0" role="region" aria-label=${`Before and after, hop ${n}`}>
		<table class="fields"><caption class="away">Before and after</caption><thead><tr><th scope="col">Column</th><th scope="col">As it was</th><th scope="col">As it is now</th></tr></thead><tbody>${rows.map((k) => {
		const from = renamed(k);
		return html`<tr class=${changed.has(k) ? 'changed' : ''}><${Field} k=${k} changed=${changed.has(k)} /><td class="mono">${from && from !== k && html`<span class="dim">${from}: </span>`}${cell(was[from])}</td><td class="mono">${cell(is[k])}</td></tr>`;
	})}</tbody></table></div></div>`;
}

const same = (h) => h.input != null && h.input === h.output;
function Hop({ h, n }) {
	return html`<li id=${'hop' + n} tabindex="-1" class=${'card hopcard ' + h.state + (h.kind === 'clean' ? ' broad' : '')}><div class="row tight"><span class="step" aria-hidden="true">${n}</span><h2>${h.title || names[h.kind] || h.kind}</h2><${Badge} kind=${look[h.state]}>${words[h.state] || h.state}<//></div>
		<p class="dim small">${names[h.kind] || h.kind} · <b>${h.service}</b>${h.time && html` · <span class="mono">${when(h.time)}</span>`}${h.real_time && h.real_time !== h.time && html` · real <span class="mono">${when(h.real_time)}</span>`}${h.real_us != null && ` · ${micros(h.real_us)}`}${h.bytes != null && ` · ${bytes(h.bytes)}`}</p>
		<${Facts} facts=${h.facts} />
		${h.kind === 'clean' && h.output != null ? html`<${Cleaned} h=${h} n=${n} />` : html`<${Value} n=${n} value=${h.input} label=${h.kind === 'template' ? same(h) ? 'What came in, and went on' : 'What came in' : h.kind === 'row' ? 'Asked by' : 'In'} />
			${!(h.kind === 'template' && same(h)) && html`<${Value} n=${n} value=${h.output} changed=${h.changed} label=${h.kind === 'template' ? 'What the template made' : 'Out'} />`}`}
		${h.links && html`<p class="small">${Object.entries(h.links).map(([k, v]) => html`<${Link} to=${lead(k, v)} class="chip">${k.replace(/_/g, ' ')}: ${v}<//> `)}</p>`}</li>`;
}

export default function Journey({ rest }) {
	const id = rest.join('/'), [text, set] = useState(id);
	const { data, error, loading, again } = useGet(id ? `/api/journey/${encodeURIComponent(id)}` : null, { live: id === 'random' ? 0 : 2000 });
	const none = data && data.found === false;
	return html`<h1>Journey${id && html` of <span class="mono">${id === 'random' ? data?.trace || data?.record || '…' : data?.id || id}</span>`}</h1>
		<form class="row" role="search" onSubmit=${(e) => { e.preventDefault(); if (text.trim() === id) again(); else if (text.trim()) go(journey(text.trim())); }}>
			<label class="grow">Trace id, field=value, topic/partition/offset or s3://bucket/key#line<input data-search value=${text} onInput=${(e) => set(e.target.value)} autocomplete="off" spellcheck=${false} /></label>
			<button class="main">Find</button><button type="button" onClick=${() => { set('random'); go(journey('random')); }}>Pick one</button></form>
		${!id ? html`<${Empty}>One record’s way through everything: what it was, where it is, what it became.<//>` : loading && !data ? html`<p class="dim">Looking…</p>` : none || error?.status === 404 ? html`<${Notice} kind="warn">${data?.why || `Nothing is known of ${id === 'random' ? 'any record yet: send one' : id}.`}<//>` : error ? html`<${Notice} kind="error">${error.message}<//>`
			: data && html`<${Strip} data=${data} lead />${data.path && html`<p class="mono small dim">${data.path.replace(/>/g, ' → ')}</p>`}<ol class="hops">${(data.hops || []).map((h, i) => html`<${Hop} h=${h} n=${i + 1} />`)}</ol>`}`;
}
