import { html, useState, useEffect, useRef, useLayoutEffect, useLive, useGet, Link, journey, Table, Badge, Notice, Empty, num, bytes, micros, hour } from '../app.mjs';
import { Strip } from './journey.mjs';

export const title = 'Pipeline';

// What a stage shows: c: counters, s: what services have, as in /api/events' state. count: a counter that says how fast it goes.
const ops = (service) => (c) => c.ops[service]?.[0] || 0;
const row = (name) => (c) => c['tarn_' + name] || 0;
const many = (n, word) => `${num(n)} ${word}${n === 1 ? '' : 's'}`;
const stages = [
	{ id: 'rds', name: 'RDS', what: 'source rows', at: [1, 1], to: '/streams', count: ops('rds'), unit: 'statements' },
	{ id: 'apigateway', name: 'API Gateway', what: 'invoke URL', at: [2, 1], to: '/requests', count: ops('apigateway'), unit: 'requests' },
	{ id: 'rest', name: 'REST proxy', what: 'on the client machine', at: [3, 1], to: '/requests', count: ops('rest'), unit: 'requests' },
	{ id: 'kafka', name: 'Kafka', what: 'MSK', at: [4, 1], to: '/streams', count: (c, s) => s.kafka?.records, unit: 'records', facts: (c, s) => [many(s.kafka.topics, 'topic')] },
	{ id: 'connect', name: 'S3 sink', what: 'MSK Connect', at: [5, 1], to: '/streams', count: row('connect_records_total'), unit: 'records read', facts: (c, s) => [
		s.connect.buffered && `waiting: ${num(s.connect.buffered)}${s.connect.flush_size > 1 ? ` until flush.size ${num(s.connect.flush_size)}` : ''}`, s.connect.lag && `lag ${num(s.connect.lag)}`,
		s.connect.paused && `${s.connect.paused} paused`, !s.connect.connectors && 'no connector'],
	bad: (c, s) => s.connect.failed_tasks && many(s.connect.failed_tasks, 'task') + ' failed' },
	{ id: 's3', name: 'S3', what: 'the lake’s bucket', at: [6, 1], to: '/lake', count: (c, s) => s.s3?.objects, unit: 'objects', facts: (c, s) => [bytes(s.s3.bytes)], more: (s) => s.s3.more },
	{ id: 'lake', name: 'Clean', what: 'Delta tables', at: [7, 1], to: '/lake', count: row('lake_rows_total'), unit: 'rows', facts: (c) => [many(c.tarn_lake_cleans_total || 0, 'run'), c.tarn_lake_quarantined_total && `${num(c.tarn_lake_quarantined_total)} quarantined`] },
	{ id: 'sql', service: 'lake', name: 'Questions', what: 'Spark SQL', at: [8, 1], to: '/sql', count: row('lake_statements_total'), unit: 'statements' },
	{ id: 'kinesis', name: 'Kinesis', what: 'streams', at: [4, 2], to: '/streams', count: (c, s) => s.kinesis?.records, unit: 'records', facts: (c, s) => [many(s.kinesis.streams, 'stream'), c.tarn_kinesis_throttled_total && `${num(c.tarn_kinesis_throttled_total)} throttled`] },
	{ id: 'streaming', name: 'Streaming', what: 'Structured Streaming', at: [6, 2], to: '/notebooks', count: row('lake_stream_rows_total'), unit: 'rows', facts: (c) => [many(c.tarn_lake_stream_batches_total || 0, 'batch').replace(/hs$/, 'hes'), c.tarn_lake_stream_quarantined_total && `${num(c.tarn_lake_stream_quarantined_total)} quarantined`] },
	{ id: 'airflow', name: 'Airflow', what: 'MWAA, runs the notebooks', at: [8, 2], to: '/runs', count: row('airflow_runs_total'), unit: 'runs', facts: (c) => [c.tarn_airflow_failed_tries_total && `${num(c.tarn_airflow_failed_tries_total)} tries failed`] },
];
const edges = [['rds', 'apigateway'], ['apigateway', 'rest'], ['rest', 'kafka'], ['kafka', 'connect'], ['connect', 's3'], ['s3', 'lake'], ['lake', 'sql'],
	['apigateway', 'kinesis'], ['kinesis', 'streaming'], ['streaming', 'lake'], ['airflow', 'lake']];

// One stage as the page needs it, of the state that there is.
function see(stage, state) {
	const c = state.counters, s = state.services || {}, service = stage.service || stage.id, there = service in s;
	const armed = (state.faults || []).filter((f) => f.site === service || f.site.startsWith(service + '.') || f.site === 'http.' + service);
	return {
		...stage, there, service, count: there ? stage.count(c, s) : null,
		errors: c.ops[service]?.[1] || 0, faults: armed, facts: there && stage.facts ? stage.facts(c, s).filter(Boolean) : [], bad: there && stage.bad ? stage.bad(c, s) : null, more: there && stage.more?.(s),
	};
}
// How it grew, in the last seconds.
const notes = new Map();
function grew(id, count) {
	const now = performance.now(), list = notes.get(id) || [];
	if (!list.length || now - list[list.length - 1][0] > 400) list.push([now, count]);
	while (list.length > 2 && now - list[0][0] > 5000) list.shift();
	notes.set(id, list);
	const [t, n] = list[0];
	return now - t > 400 && count > n ? (count - n) / ((now - t) / 1000) : 0;
}
const perSecond = (r) => r >= 10 ? num(Math.round(r)) : r >= 0.05 ? r.toFixed(1) : '0';

function Stage({ s }) {
	const words = !s.there ? 'not running' : s.bad ? s.bad : s.faults.length ? 'fault on' : '';
	return html`<${Link} to=${s.to} class=${'stage' + (s.there ? '' : ' off') + (s.bad ? ' broken' : '') + (s.faults.length ? ' faulty' : '')} data-stage=${s.id} style=${{ '--c': s.at[0], '--r': s.at[1] }}>
		<span class="name">${s.name}</span><span class="what">${s.what}</span>
		<span class="count">${s.there ? num(s.count) + (s.more ? '+' : '') : '–'} <small>${s.unit}</small></span>
		<span class="speed">${s.there ? `${perSecond(s.rate)}/s` : 'not running'}</span>
		${s.facts.map((f) => html`<span class="fact">${f}</span>`)}
		${s.there && words && html`<${Badge} kind="bad">${s.faults.length ? 'FAULT ON' : words}<//>`}
		${s.there && s.errors > 0 && html`<${Badge} kind="warn">${many(s.errors, 'error')}<//>`}<//>`;
}

// Lines from card to card, measured where the cards are.
function Lines({ box, all, tick }) {
	const [paths, set] = useState([]);
	useLayoutEffect(() => {
		const draw = () => {
			const el = box.current;
			if (!el) return;
			const o = el.getBoundingClientRect(), rect = {};
			for (const c of el.querySelectorAll('[data-stage]')) rect[c.dataset.stage] = c.getBoundingClientRect();
			const wide = getComputedStyle(el).display === 'grid';
			set(!wide ? [] : edges.map(([a, b]) => {
				const p = rect[a], q = rect[b];
				if (!p || !q) return null;
				const y = (r) => Math.min(r.top + 34, r.bottom - 8) - o.top;
				if (Math.abs(p.top - q.top) < 20) {
					return q.left > p.left ? [a, b, `M${p.right - o.left},${y(p)} H${q.left - o.left - 9}`] : null;
				}
				const px = p.left + p.width / 2 - o.left, qx = q.left + q.width / 2 - o.left;
				if (q.top > p.top) return [a, b, `M${px},${p.bottom - o.top} V${y(q)} H${q.left - o.left - 9}`];
				return a === 'airflow' ? [a, b, `M${p.left - o.left},${y(p)} H${qx + 14} V${q.bottom - o.top + 9}`] : [a, b, `M${p.right - o.left},${y(p)} H${qx - 14} V${q.bottom - o.top + 9}`];
			}).filter(Boolean));
		};
		draw();
		const r = new ResizeObserver(draw);
		if (box.current) r.observe(box.current);
		for (const c of box.current?.querySelectorAll('[data-stage]') || []) r.observe(c);
		return () => r.disconnect();
	}, [tick]);
	const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
	return html`<svg class="lines" aria-hidden="true"><defs><marker id="tip" viewBox="0 0 8 8" refX="2" refY="4" markerUnits="userSpaceOnUse" markerWidth="12" markerHeight="12" orient="auto-start-reverse"><path d="M0,0 8,4 0,8z" /></marker></defs>
		${paths.map(([a, b, d]) => {
		const from = all[a], to = all[b], off = !from.there || !to.there, broken = !off && (to.bad || to.faults.length || from.faults.length);
		const flows = !broken && !off && from.rate > 0.05 && to.rate > 0.05;
		return html`<g key=${a + b} class=${off ? 'off' : broken ? 'broken' : flows ? 'flows' : ''}><path d=${d} marker-end="url(#tip)" />
			${flows && !still && html`<circle r="4.5"><animateMotion dur="1.1s" repeatCount="indefinite" path=${d} /></circle>`}</g>`;
	})}</svg>`;
}

// By what a journey is found again.
const named = (d, asked) => (asked === 'random' ? d.trace || d.record : null) || d.id || asked;

function Search() {
	const [text, set] = useState(''), [asked, ask] = useState(null), [random, setRandom] = useState(0);
	const { data, error, loading, again } = useGet(asked ? `/api/journey/${encodeURIComponent(asked)}` : null, { live: asked && asked !== 'random' ? 2000 : 0 });
	const find = (id) => { set(id === 'random' ? '' : id); if (id === asked) again(); ask(id); };
	const stack = useGet('/_tarn/stack').data, example = stack?.datasets?.[0]?.topic;
	return html`<form class="card find" role="search" onSubmit=${(e) => { e.preventDefault(); if (text.trim()) find(text.trim()); }}>
		<div class="row"><label class="grow">Where is my record?
			<input data-search value=${text} onInput=${(e) => set(e.target.value)} placeholder="index=5730" autocomplete="off" spellcheck=${false} /></label>
			<button class="main">Find</button><button type="button" onClick=${() => find('random')}>Pick one</button></div>
		<p class="dim small fullwide">A field and its value (<code>index=5730</code>), a trace id (<code>t-000000000012</code>)${example && html`, a place (<code>${example}/0/0</code>)`}, or an object (<code>s3://bucket/key#line</code>).</p>
		<div aria-live="polite">${asked && (loading && !data ? html`<p class="dim">Looking…</p>` : error ? html`<${Notice} kind="warn">${error.status === 404 ? `Nothing is known of ${asked === 'random' ? 'any record yet: send one' : asked}.` : error.message}<//>`
			: data && (data.found === false ? html`<${Notice} kind="warn">Nothing is known of ${asked === 'random' ? 'any record yet: send one' : asked}.<//>` : html`<${Strip} data=${data} /><p><${Link} to=${journey(named(data, asked))}>The whole journey of ${named(data, asked)}<//></p>`))}</div></form>`;
}

const kindOf = (e) => e.status >= 500 || (e.status > 0 && e.status < 100) ? 'bad' : 'warn';
function Recent() {
	const entries = useLive((l) => l.journal).filter((e) => e.service !== 'control' && e.trace).slice(0, 20);
	return html`<section class="card"><h2>What just happened</h2>${!entries.length ? html`<${Empty}>No request yet. Send some: <code>tarn emit pinterest --count 20</code><//>` : html`<ol class="recent">${entries.map((e) => html`
		<li key=${e.seq}><span class="line"><b>${e.service}</b> ${e.op} ${e.status >= 400 || (e.status > 0 && e.status < 100) ? html`<${Badge} kind=${kindOf(e)}>${e.status}<//>` : null}<span class="num dim small">${micros(e.us)}</span>
			<${Link} to=${journey(e.trace)} class="small" title=${'Journey of ' + e.trace}>${e.trace.replace(/^t-0*/, 't-')}<//></span>
			<span class="mono small dim line2"><span>${hour(e.time)}</span> ${e.detail}</span></li>`)}</ol>`}</section>`;
}

export default function Pipeline() {
	const state = useLive((l) => l.state), box = useRef();
	useLive((l) => l.clockAt);
	const ready = state.counters;
	const all = ready ? Object.fromEntries(stages.map((s) => { const v = see(s, state); v.rate = v.there ? grew(s.id, v.count || 0) : 0; return [s.id, v]; })) : null;
	const list = all && Object.values(all);
	// Rates fall back to nothing when nothing comes.
	const [, tick] = useState(0);
	useEffect(() => { const t = setInterval(() => tick((x) => x + 1), 1000); return () => clearInterval(t); }, []);
	return html`<h1 class="away">Pipeline</h1><${Search} />
		<section aria-label="The pipeline" class="card flowcard">${!all ? html`<${Empty}>Connecting…<//>` : html`<div class="flow" ref=${box}><${Lines} box=${box} all=${all} tick=${list.map((s) => s.there).join()} />${list.map((s) => html`<${Stage} key=${s.id} s=${s} />`)}</div>`}</section>
		<div class="side"><section class="card"><h2>The same as a table</h2>${all && html`<${Table} caption="Stages of the pipeline" rows=${list} keyOf=${(s) => s.id} columns=${[
		{ title: 'Stage', render: (s) => s.name },
		{ title: 'Count', num: true, render: (s) => s.there ? num(s.count) + (s.more ? '+' : '') : '–' },
		{ title: 'of', render: (s) => s.unit },
		{ title: 'a second', num: true, render: (s) => s.there ? perSecond(s.rate) : '–' },
		{ title: 'Errors', num: true, render: (s) => s.there ? num(s.errors) : '–' },
		{ title: 'State', render: (s) => !s.there ? 'not running' : html`${s.bad ? html`<${Badge} kind="bad">${s.bad}<//>` : s.faults.length ? html`<${Badge} kind="bad">FAULT ON: ${s.faults.map((f) => f.site).join(', ')}<//>` : 'healthy'}${s.facts.length ? '; ' + s.facts.join(', ') : ''}` }]} />`}</section>
		<${Recent} /></div>`;
}
