import { html, useState, useEffect, useRef, useGet, get, post, go, Link, Table, Act, Badge, Notice, Empty, Code } from '../app.mjs';

export const title = (rest) => rest.length ? rest[rest.length - 1] : 'Notebooks';

// All notebooks of the workspace, folder after folder.
async function walk(path, out = []) {
	for (const o of (await get('/api/2.0/workspace/list?path=' + encodeURIComponent(path))).objects || [])
		if (o.object_type === 'NOTEBOOK') out.push(o); else if (o.object_type === 'DIRECTORY' || o.object_type === 'REPO') await walk(o.path, out);
	return out;
}
const decode = (b64) => new TextDecoder().decode(Uint8Array.from(atob(b64 || ''), (c) => c.charCodeAt(0)));
// Databricks' source files: cells between lines "# COMMAND ----------", other languages behind "# MAGIC".
const cells = (text) => text.replace(/^(#|--|\/\/) Databricks notebook source\n/, '').split(/^(?:#|--|\/\/) COMMAND -+\s*$/m).map((c) => c.replace(/^(?:#|--|\/\/) MAGIC ?/gm, '').trim()).filter(Boolean);

// What a run's export has: each cell's source, then what it gave. Nothing of it is put into the page but texts, tables and pictures.
function outputs(page) {
	// Styles would be refused by our policy, loudly.
	const plain = page.replace(/<(style|script)[\s\S]*?<\/\1>/gi, '').replace(/\s(style|on\w+)=("[^"]*"|'[^']*')/gi, '');
	const out = [], body = new DOMParser().parseFromString(plain, 'text/html').body;
	const last = () => out[out.length - 1] || (out.push({ source: '', gave: [] }), out[0]);
	for (const el of body.children) {
		if (el.matches('pre.source')) out.push({ source: el.textContent, gave: [] });
		else if (!/^(STYLE|SCRIPT)$/.test(el.tagName)) take(el, last().gave);
	}
	return out;
}
function take(el, to) {
	const tables = el.matches('table') ? [el] : [...el.querySelectorAll('table')], pictures = el.matches('img') ? [el] : [...el.querySelectorAll('img')];
	for (const t of tables) {
		const rows = [...t.rows].map((r) => [...r.cells].map((c) => c.textContent));
		to.push({ head: t.tHead ? rows[0] : null, rows: t.tHead ? rows.slice(1) : rows });
	}
	for (const p of pictures) if (/^data:image\/(png|jpeg|svg\+xml);/.test(p.src)) to.push({ picture: p.src });
	if (!tables.length && !pictures.length && el.textContent.trim()) to.push({ text: el.textContent.replace(/\n+$/, ''), error: /error|trace/i.test(el.className) });
}
const Gave = ({ g, n }) => g.picture ? html`<img class="figure" src=${g.picture} alt=${`Figure of cell ${n}`} />`
	: g.rows ? html`<${Table} caption=${`Output of cell ${n}`} rows=${g.rows} max=${50} columns=${(g.head || g.rows[0] || []).map((h, i) => ({ title: g.head ? h : '#' + (i + 1), num: g.rows.every((r) => /^-?[\d.,]*$/.test(r[i] || '')), render: (r) => r[i] }))} />`
	: html`<pre class=${'text' + (g.error ? ' failed' : '')} tabindex="0">${g.text}</pre>`;

const over = (r) => /TERMINATED|INTERNAL_ERROR|SKIPPED/.test(r?.state?.life_cycle_state || '');
export function State({ run }) {
	const s = run.state || {}, word = s.result_state || s.life_cycle_state || '';
	return html`<${Badge} kind=${word === 'SUCCESS' ? 'ok' : /FAILED|ERROR|TIMEDOUT/.test(word) ? 'bad' : /CANCEL|SKIP|EXCLUDED/.test(word) ? 'warn' : 'accent'}>${word.toLowerCase()}<//>`;
}

function Notebook({ path }) {
	const source = useGet('/api/2.0/workspace/export?format=SOURCE&path=' + encodeURIComponent(path)), clusters = useGet('/api/2.0/clusters/list').data?.clusters;
	const [run, setRun] = useState(null), [shown, show] = useState(null), alive = useRef(true);
	useEffect(() => { alive.current = true; setRun(null); show(null); return () => { alive.current = false; }; }, [path]);
	const start = async () => {
		show(null);
		const task = { task_key: 'console', notebook_task: { notebook_path: path } };
		if (clusters?.[0]) task.existing_cluster_id = clusters[0].cluster_id; else task.new_cluster = { spark_version: '13.3.x-scala2.12', num_workers: 1, node_type_id: 'm5.large' };
		const { run_id } = await post('/api/2.1/jobs/runs/submit', { run_name: 'console: ' + path.split('/').pop(), tasks: [task] });
		for (let now; alive.current; await new Promise((r) => setTimeout(r, 500))) {
			now = await get('/api/2.1/jobs/runs/get?run_id=' + run_id);
			setRun(now);
			if (!over(now)) continue;
			const id = now.tasks?.[0]?.run_id ?? run_id, gave = await get('/api/2.1/jobs/runs/get-output?run_id=' + id).catch(() => ({}));
			const page = await get('/api/2.1/jobs/runs/export?run_id=' + id).catch(() => null);
			show({ cells: page?.views?.[0] ? outputs(page.views[0].content) : null, result: gave.notebook_output?.result, error: gave.error || (now.state.result_state !== 'SUCCESS' ? now.state.state_message : ''), trace: gave.error_trace });
			return now;
		}
	};
	if (source.error) return html`<${Notice} kind="error">${source.error.message}<//>`;
	const mine = source.data ? cells(decode(source.data.content)) : [];
	return html`<div class="row"><h2 class="grow mono">${path.split('/').pop()}</h2>${run && html`<${State} run=${run} />`}<${Act} kind="main" act=${start} done=${(r) => r && `Over in ${((r.end_time - r.start_time) / 1000).toFixed(1)} s`}>Run<//></div>
		<p class="dim small mono">${path}</p>
		${shown?.error && html`<${Notice} kind="error">${shown.error}<//>`}
		${shown?.result != null && shown.result !== '' && html`<${Notice} kind="ok">dbutils.notebook.exit gave <code>${shown.result}</code><//>`}
		<div aria-live="polite">${run && !over(run) && html`<p class="dim">It runs…</p>`}</div>
		${shown?.cells ? html`<ol class="cells">${shown.cells.map((c, i) => html`<li class="card"><${Code} text=${c.source} name=${'cell ' + (i + 1)} />${c.gave.map((g) => html`<${Gave} g=${g} n=${i + 1} />`)}</li>`)}</ol>`
			: html`<ol class="cells">${mine.map((c, i) => html`<li class="card"><${Code} text=${c} name=${'cell ' + (i + 1)} /></li>`)}</ol>`}
		${shown?.trace && !shown.cells?.some((c) => c.gave.some((g) => g.text?.includes(shown.error))) && html`<pre class="text failed" tabindex="0">${shown.trace}</pre>`}`;
}

export default function Notebooks({ rest }) {
	const [all, set] = useState(null), [error, fail] = useState(null), path = rest.length ? '/' + rest.join('/') : null;
	useEffect(() => { walk('/').then(set, fail); }, []);
	return html`<h1>Notebooks</h1><div class="books"><nav class="card" aria-label="Notebooks">${error ? html`<${Notice} kind="error">${error.message}<//>` : !all ? html`<p class="dim">…</p>` : !all.length ? html`<${Empty}>The stack’s folder notebooks/ is empty.<//>`
		: html`<ul class="plain">${all.map((o) => html`<li><${Link} to=${'/notebooks' + o.path.split('/').map(encodeURIComponent).join('/')} aria-current=${o.path === path ? 'page' : null}>${o.path.split('/').pop()}<//> <span class="dim small">${(o.language || '').toLowerCase()}</span></li>`)}</ul>`}</nav>
		<section aria-label="Notebook">${path ? html`<${Notebook} key=${path} path=${path} />` : html`<${Empty}>Choose one: it runs as a job of the stack, on its lake, as Databricks would run it.<//>`}</section></div>`;
}
