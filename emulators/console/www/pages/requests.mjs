import { html, useState, useLive, href, Link, journey, Table, Badge, Empty, isUnserved, num, micros, hour, when } from '../app.mjs';

export const title = 'Requests';

// A line of the log, key=value ..., as pairs.
const fields = (text) => Object.fromEntries([...text.matchAll(/(\w+)=("([^"]*)"|\S*)/g)].map((m) => [m[1], m[3] ?? m[2]]));
const why = {
	unsupported: 'tarn has no such service or operation',
	unserved: 'the real service has this; tarn doesn’t serve it yet',
	refused: 'a rule of this stack said no',
};
const rest = (n) => {
	const f = fields(n.text), key = Object.keys(f).find((k) => k.includes('.')) || '';
	return { asked: [f.service, f.operation || f.method, f.path || f.target].filter(Boolean).join(' ') || n.text, why: f.error || (n.event === 'refused' && /^http\./.test(n.text) ? `[http] ${n.text.split('=')[0].slice(5)}: the page or name isn’t one that this port takes` : why[n.event]) };
};
const code = (s) => s >= 500 ? 'bad' : s >= 400 ? 'warn' : '';

export default function Requests({ query }) {
	const entries = useLive((l) => l.journal), notices = useLive((l) => l.notices);
	const [text, setText] = useState(query.get('q') || ''), [service, setService] = useState(''), [bad, setBad] = useState(false), [own, setOwn] = useState(false), [held, hold] = useState(null);
	const unserved = [...notices.values()].filter(isUnserved).sort((a, b) => b.times - a.times), others = [...notices.values()].filter((n) => !isUnserved(n)).sort((a, b) => b.time.localeCompare(a.time));
	const all = held || entries, words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const rows = all.filter((e) => (own || e.service !== 'control') && (!service || e.service === service) && (!bad || e.status >= 400 || (e.status && e.status < 100))
		&& words.every((w) => `${e.service} ${e.op} ${e.status} ${e.trace} ${e.detail}`.toLowerCase().includes(w)));
	const services = [...new Set(all.map((e) => e.service))].sort();
	return html`<h1>Requests</h1>
		<section class="card"><h2>Not served ${unserved.length > 0 && html`<${Badge} kind="warn">${num(unserved.reduce((n, x) => n + x.times, 0))}<//>`}</h2>
			<${Table} caption="Calls that were not served" rows=${unserved} keyOf=${(n) => n.id} empty="Everything that was asked for is served so far." columns=${[
		{ title: 'Times', num: true, render: (n) => num(n.times) }, { title: 'Asked', mono: true, render: (n) => rest(n).asked }, { title: 'Why', render: (n) => html`<${Badge} kind="warn">${n.event}<//> ${rest(n).why}` },
		{ title: 'Last', mono: true, class: 'tightcell', render: (n) => when(n.time) }]} />
			<p class="dim small">What is served: <code>tarn help api</code>, <${Link} to="/docs">docs<//>.</p></section>
		${others.length > 0 && html`<section class="card"><h2>Warnings <${Badge} kind="warn">${num(others.length)}<//></h2><${Table} caption="Warnings of the log" rows=${others} max=${8} keyOf=${(n) => n.id} columns=${[
		{ title: 'Times', num: true, render: (n) => num(n.times) }, { title: 'Level', render: (n) => html`<${Badge} kind=${n.level === 'error' ? 'bad' : 'warn'}>${n.level}<//>` }, { title: 'What', render: (n) => html`<b>${n.service}</b> ${n.event} <span class="mono small">${n.text}</span>` }, { title: 'Last', mono: true, class: 'tightcell', render: (n) => when(n.time) }]} /></section>`}
		<section class="card"><h2>Requests</h2>
			<div class="row"><label class="grow">Filter<input data-search value=${text} onInput=${(e) => setText(e.target.value)} placeholder="PutRecord 400" /></label>
				<label>Service<select value=${service} onChange=${(e) => setService(e.target.value)}><option value="">all</option>${services.map((s) => html`<option value=${s}>${s}</option>`)}</select></label>
				<button aria-pressed=${bad} onClick=${() => setBad(!bad)}>Errors only</button><button aria-pressed=${own} onClick=${() => setOwn(!own)}>Control port, too</button>
				<button aria-pressed=${!!held} onClick=${() => hold(held ? null : entries)}>${held ? 'Go on' : 'Hold'}</button></div>
			<${Table} caption="Requests, newest first" rows=${rows} max=${100} keyOf=${(e) => e.seq} rowClass=${(e) => code(e.status)} empty=${all.length ? 'None like that.' : 'No request yet.'} columns=${[
		{ title: 'Time', mono: true, class: 'tightcell', render: (e) => hour(e.time) }, { title: 'Service', render: (e) => e.service }, { title: 'Operation', render: (e) => html`<b>${e.op}</b>` },
		{ title: 'Status', render: (e) => html`<${Badge} kind=${e.status >= 400 ? code(e.status) : e.status > 0 && e.status < 100 ? 'bad' : 'ok'}>${e.status === 0 ? 'ok' : e.status}<//>` },
		{ title: 'Took', num: true, render: (e) => micros(e.us) }, { title: 'Detail', mono: true, render: (e) => e.detail },
		{ title: 'Trace', class: 'tightcell', render: (e) => html`<${Link} to=${journey(e.trace)} title=${'Journey of ' + e.trace}>${e.trace.replace(/^t-0*/, 't-')}<//>` }]} />
			<p class="dim small">The last ${num(all.length)}; all that is kept: <a href=${href('_tarn/journal')}>journal as lines of JSON</a>.</p></section>`;
}
