// Help topics, as tarn help has them, and what is served.
import { html, useState, useMemo, useGet, Link, Table, Notice, Empty, Copy, Code, num } from '../app.mjs';

export const title = (rest) => rest?.[0] ? `${rest[0]} · Docs` : 'Docs';

// A name of another topic becomes a link: "tarn help kafka".
function linked(line, names) {
	const out = [];
	let at = 0;
	for (const m of line.matchAll(/tarn help ([a-z][\w-]*)/g)) {
		if (!names.has(m[1])) continue;
		out.push(line.slice(at, m.index), html`<${Link} to=${'/docs/' + m[1]}>${m[0]}<//>`);
		at = m.index + m[0].length;
	}
	return out.length ? [...out, line.slice(at)] : line;
}

// A help text is paragraphs, examples (set in), and terms with what they mean in a column of its own, which lines of the same column go on.
function blocks(text) {
	const out = [], last = () => out[out.length - 1], add = (kind, line) => { if (last()?.kind === kind) last().lines.push(line); else out.push({ kind, lines: [line] }); };
	let column = 0;
	const command = /^ *(tarn|eval|export|curl|aws|seq|kcat|docker|podman|python3?|pip|SELECT|INSERT|CREATE|MERGE|mysql|make|apt|[$#>{[("'-])/;
	for (const line of text.replace(/\s+$/, '').split('\n')) {
		const term = command.test(line) ? null : /^( {0,2}\S(?:[^ ]| (?! ))*)( {2,})([^ #].*)$/.exec(line), indent = /^ */.exec(line)[0].length;
		if (term && / {2,}/.test(term[3].trim())) { column = 0; add('code', '  ' + line); } else if (!line.trim()) { column = 0; out.push({ kind: 'gap', lines: [] }); } else if (term && term[1].length <= 36) {
			const at = term[1].length + term[2].length;
			if (last()?.kind !== 'terms') out.push({ kind: 'terms', items: [] });
			last().items.push([term[1].trim(), term[3]]);
			column = at;
		} else if (column && indent === column && last()?.kind === 'terms') last().items[last().items.length - 1][1] += ' ' + line.trim();
		else if (indent >= 2) add('code', line);
		else { column = 0; add('text', line); }
	}
	return out.filter((b) => b.kind !== 'gap');
}

function Topic({ name, topics }) {
	const t = useGet('_tarn/help/' + encodeURIComponent(name)), names = useMemo(() => new Set(topics.map((x) => x.name)), [topics]);
	if (t.error) return html`<${Notice} kind="error">${t.error.message}<//>`;
	if (t.data === undefined) return html`<${Empty}>…<//>`;
	const say = (l) => linked(l, names);
	return html`<div class="row"><h2 class="grow">${name}</h2><code>tarn help ${name}</code><${Copy} text=${'tarn help ' + name} name=${'tarn help ' + name} /></div>
		<div class="helptext">${blocks(String(t.data)).map((b) => b.kind === 'terms' ? html`<dl class="facts help">${b.items.map(([k, v]) => html`<dt>${k}</dt><dd>${say(v)}</dd>`)}</dl>`
			: b.kind === 'code' ? html`<${Code} text=${b.lines.map((l) => l.replace(/^ {2}/, '')).join('\n')} name="example" />` : html`<p>${say(b.lines.join(' '))}</p>`)}</div>`;
}

function Operations() {
	const all = useGet('_tarn/operations').data?.operations || [], [text, setText] = useState('');
	const words = text.toLowerCase().split(/\s+/).filter(Boolean), rows = all.filter((o) => words.every((w) => `${o.service} ${o.name} ${o.method || ''} ${o.path || ''} ${o.doc}`.toLowerCase().includes(w)));
	return html`<h2>Operations <small class="dim">${num(rows.length)} of ${num(all.length)}</small></h2><div class="row"><label class="grow">Filter<input data-search value=${text} onInput=${(e) => setText(e.target.value)} placeholder="kinesis put" /></label></div>
		<${Table} caption="What is served" rows=${rows} max=${100} empty="None like that: it isn’t served." keyOf=${(o) => `${o.service} ${o.name} ${o.method} ${o.path}`} columns=${[
		{ title: 'Service', render: (o) => html`<b>${o.service}</b>` }, { title: 'Operation', key: 'name', mono: true }, { title: 'Address', mono: true, render: (o) => o.path ? `${o.method} ${o.path}` : '' }, { title: 'What it does', key: 'doc' }]} />`;
}

const kinds = { topic: 'Topics', service: 'Services', command: 'Commands' };
export default function Docs({ rest }) {
	const list = useGet('_tarn/help'), topics = list.data?.topics || [], [text, setText] = useState('');
	const words = text.toLowerCase().split(/\s+/).filter(Boolean), some = topics.filter((t) => words.every((w) => `${t.name} ${t.doc}`.toLowerCase().includes(w)));
	const groups = [...new Set(some.map((t) => t.kind))], name = rest[0];
	const index = groups.map((k) => html`<section><h2>${kinds[k] || k}</h2><ul class="plain topics">${some.filter((t) => t.kind === k).map((t) => html`<li><${Link} to=${'/docs/' + t.name} aria-current=${t.name === name ? 'page' : null}>${t.name}<//>${name ? '' : html` <span class="dim">${t.doc}</span>`}</li>`)}</ul></section>`);
	return html`<h1>Docs</h1>${list.error && html`<${Notice} kind="error">${list.error.message}<//>`}
		<div class=${name ? 'side docs' : 'docs'}>${name && html`<section class="card">${name === 'operations' ? html`<${Operations} />` : html`<${Topic} key=${name} name=${name} topics=${topics} />`}</section>`}
		<nav class="card" aria-label="Help topics"><div class="row"><label class="grow">Find a topic<input data-search=${name !== 'operations' ? true : null} value=${text} onInput=${(e) => setText(e.target.value)} placeholder="connect" /></label></div>
			<p><${Link} to="/docs/operations" aria-current=${name === 'operations' ? 'page' : null}>All operations that are served<//></p>
			${index.length ? html`<div class=${name ? '' : 'topicgrid'}>${index}</div>` : list.data && html`<${Empty}>No topic like that.<//>`}</nav></div>`;
}
