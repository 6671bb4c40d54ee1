import { html, useState, useGet, go, Link, journey, Tabs, Json, Notice, Badge, Copy, Empty, bytes, micros, when, num } from '../app.mjs';

export const title = (rest) => rest[0] ? `Journey of ${rest[0]}` : 'Journey';

const words = { done: 'done', waiting: 'waiting', failed: 'failed', quarantined: 'quarantined', unknown: 'not known' };
const look = { done: 'ok', waiting: 'warn', failed: 'bad', quarantined: 'bad' };
const names = { row: 'Row as read', request: 'Request', template: 'Mapping template', record: 'Record', buffer: 'Buffer', object: 'Object', clean: 'Cleaned row', quarantine: 'Quarantine', commit: 'Commit', question: 'Questions' };

// Where a hop's link leads: a page of the console, or the journey from there.
const lead = (kind, v) => v.startsWith('/') ? v : journey(v);

// The hops of a journey in one line.
export function Strip({ data }) {
	const hops = data?.hops || [];
	return html`<ol class="strip" aria-label="Hops">${hops.map((h) => html`<li class=${'hop ' + h.state}><b>${h.service}</b><span class="small">${names[h.kind] || h.kind}</span><span class="small dim clamp" title=${h.title}>${h.title}</span><${Badge} kind=${look[h.state]}>${words[h.state] || h.state}<//></li>`)}</ol>`;
}

const plain = (v) => v != null && typeof v !== 'object';
function Facts({ facts }) {
	const all = Object.entries(facts || {}).filter(([, v]) => v != null && v !== '');
	return all.length ? html`<dl class="facts">${all.map(([k, v]) => html`<dt>${k.replace(/_/g, ' ')}</dt><dd class="mono">${plain(v) ? typeof v === 'number' ? num(v) : String(v) : html`<${Json} value=${v} open=${0} />`}</dd>`)}</dl>` : null;
}
function Value({ value, changed, label, n }) {
	if (value == null) return null;
	let v = value;
	if (typeof v === 'string' && /^\s*[[{]/.test(v)) try { v = JSON.parse(v); } catch { /* a text */ }
	const flat = v && typeof v === 'object' && !Array.isArray(v) && Object.values(v).every((x) => x === null || typeof x !== 'object');
	return html`<div class="value"><div class="row tight"><h3>${label}</h3><${Copy} text=${typeof value === 'string' ? value : JSON.stringify(value, null, 1)} name=${label} /></div>
		${flat ? html`<div class="scroll" tabindex="0" role="region" aria-label=${`${label}, hop ${n}`}><table class="fields"><caption class="away">${label}</caption><tbody>${Object.entries(v).map(([k, x]) => html`<tr class=${changed?.includes(k) ? 'changed' : ''}><th scope="row">${k}${changed?.includes(k) && html` <${Badge} kind="accent">changed<//>`}</th><td class="mono">${x === null ? html`<span class="dim">null</span>` : String(x)}</td></tr>`)}</tbody></table></div>`
			: typeof v === 'object' ? html`<${Json} value=${v} open=${6} changed=${changed} />` : html`<pre class="text" tabindex="0">${String(v)}</pre>`}</div>`;
}
function Hop({ h, n }) {
	return html`<li class=${'card hopcard ' + h.state}><div class="row tight"><span class="step" aria-hidden="true">${n}</span><h2>${h.title || names[h.kind] || h.kind}</h2><${Badge} kind=${look[h.state]}>${words[h.state] || h.state}<//></div>
		<p class="dim small">${names[h.kind] || h.kind} · <b>${h.service}</b>${h.time && html` · <span class="mono">${when(h.time)}</span>`}${h.real_time && h.real_time !== h.time && html` · real <span class="mono">${when(h.real_time)}</span>`}${h.real_us != null && ` · ${micros(h.real_us)}`}${h.bytes != null && ` · ${bytes(h.bytes)}`}</p>
		<${Facts} facts=${h.facts} />
		<${Value} n=${n} value=${h.input} label=${h.kind === 'template' ? 'What came in' : h.kind === 'clean' ? 'As it was' : 'In'} />
		<${Value} n=${n} value=${h.output} changed=${h.changed} label=${h.kind === 'template' ? 'What the template made' : h.kind === 'clean' ? 'As it is now' : 'Out'} />
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
			: data && html`<${Strip} data=${data} /><ol class="hops">${(data.hops || []).map((h, i) => html`<${Hop} h=${h} n=${i + 1} />`)}</ol>`}`;
}
