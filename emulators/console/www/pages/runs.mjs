import { html, useState, useGet, useLive, get, post, micros, Link, Table, Act, Badge, Notice, Empty, num, when } from '../app.mjs';
import { State } from './notebooks.mjs';

export const title = 'Runs';

const kind = (s) => ({ success: 'ok', failed: 'bad', upstream_failed: 'bad', running: 'accent', queued: 'accent', scheduled: 'accent', up_for_retry: 'warn', up_for_reschedule: 'warn', skipped: '' }[s] ?? '');
const mark = (s) => ({ success: '✓', failed: '✕', upstream_failed: '⤫', running: '▶', queued: '…', scheduled: '…', up_for_retry: '↻', skipped: '–' }[s] ?? '·');
const words = (s) => (s || 'none').replace(/_/g, ' ');

// Rows are tasks, columns runs, the newest at the right: a month at a glance.
function Grid({ dag }) {
	const at = '/api/v1/dags/' + encodeURIComponent(dag.dag_id), runs = useGet(at + '/dagRuns?limit=30&order_by=-execution_date', { live: 1000 }), tasks = useGet(at + '/tasks');
	const instances = useGet(at + '/dagRuns/~/taskInstances?limit=1000', { live: 1000 }), paused = useGet(at, { live: 1000 });
	const [chosen, choose] = useState(null);
	const all = [...(runs.data?.dag_runs || [])].sort((a, b) => (a.execution_date || a.logical_date).localeCompare(b.execution_date || b.logical_date)), names = tasks.data?.tasks?.map((t) => t.task_id) || [];
	const of = (run, task) => instances.data?.task_instances?.find((i) => i.dag_run_id === run && i.task_id === task);
	const off = paused.data?.is_paused ?? dag.is_paused;
	return html`<section class="card"><div class="row"><h2 class="grow">${dag.dag_id} ${off ? html`<${Badge} kind="warn">paused<//>` : html`<${Badge} kind="ok">on<//>`}</h2>
			<${Act} act=${async () => { await post(at, { is_paused: !off }, { method: 'PATCH' }); paused.again(); }} done=${off ? 'On' : 'Paused'}>${off ? 'Turn on' : 'Pause'}<//>
			<${Act} kind="main" act=${async () => { if (off) await post(at, { is_paused: false }, { method: 'PATCH' }); await post(at + '/dagRuns', {}); runs.again(); }} done="Triggered">Trigger<//></div>
		<p class="dim small">${dag.timetable_description || 'no schedule'}${dag.next_dagrun ? ` · next ${when(dag.next_dagrun_create_after || dag.next_dagrun)}` : ''} · <span class="mono">${dag.fileloc}</span></p>
		${!all.length ? html`<${Empty}>No run yet: trigger it, or turn it on and <${Link} to="/control">advance the clock<//>.<//>` : html`<div class="scroll" tabindex="0" role="region" aria-label=${'Runs of ' + dag.dag_id}><table class="daggrid"><caption class="away">Tasks of ${dag.dag_id} by run</caption>
			<thead><tr><th scope="col">Task</th>${all.map((r) => html`<th scope="col"><span class="mono small">${when(r.execution_date || r.logical_date).slice(5, 16)}</span><br /><${Badge} kind=${kind(r.state)}>${words(r.state)}<//></th>`)}</tr></thead>
			<tbody>${names.map((t) => html`<tr><th scope="row" class="mono">${t}</th>${all.map((r) => {
		const i = of(r.dag_run_id, t), s = i?.state;
		return html`<td><button class=${'cell ' + kind(s)} onClick=${() => choose({ run: r.dag_run_id, task: t, tries: i?.try_number || 1 })} aria-label=${`${t}, ${r.dag_run_id}: ${words(s)}${i?.try_number > 1 ? `, ${i.try_number} tries` : ''}`} title=${words(s)}><span aria-hidden="true">${mark(s)}</span></button></td>`;
	})}</tr>`)}</tbody></table></div>`}
		${chosen && html`<${Log} key=${chosen.run + chosen.task} at=${at} ...${chosen} close=${() => choose(null)} />`}</section>`;
}
function Log({ at, run, task, tries, close }) {
	const [n, set] = useState(tries), { data, error } = useGet(`${at}/dagRuns/${encodeURIComponent(run)}/taskInstances/${encodeURIComponent(task)}/logs/${n}?full_content=true`, { live: 1500 });
	const xcom = useGet(`${at}/dagRuns/${encodeURIComponent(run)}/taskInstances/${encodeURIComponent(task)}/xcomEntries`).data?.xcom_entries || [];
	return html`<section aria-label="Log"><div class="row"><h3 class="grow">${task} <span class="dim mono small">${run}</span></h3>${tries > 1 && html`<label>Try<select value=${n} onChange=${(e) => set(+e.target.value)}>${Array.from({ length: tries }, (_, i) => html`<option value=${i + 1}>${i + 1}</option>`)}</select></label>`}<button onClick=${close}>Close</button></div>
		${error ? html`<${Notice} kind="warn">${error.message}<//>` : html`<pre class="text" tabindex="0">${typeof data === 'string' ? data : data?.content ?? '…'}</pre>`}${xcom.length > 0 && html`<p class="small">XComs: ${xcom.map((x) => x.key).join(', ')}</p>`}</section>`;
}
function Jobs() {
	const { data, error } = useGet('/api/2.1/jobs/runs/list?limit=25&expand_tasks=true', { live: 1000 }), rows = data?.runs || [];
	return html`<section class="card"><h2>Jobs</h2>${error ? html`<${Notice} kind="warn">${error.message}<//>` : html`<${Table} caption="Runs of jobs, newest first" rows=${rows} keyOf=${(r) => r.run_id} rowClass=${(r) => /FAILED/.test(r.state?.result_state || '') ? 'bad' : ''} empty="No job has run yet." columns=${[
		{ title: 'Run', num: true, render: (r) => r.run_id }, { title: 'Name', render: (r) => r.run_name }, { title: 'State', render: (r) => html`<${State} run=${r} />` },
		{ title: 'Tasks', render: (r) => (r.tasks || []).map((t) => html`<div>${t.task_key} ${t.notebook_task ? html`<${Link} to=${'/notebooks' + t.notebook_task.notebook_path.split('/').map(encodeURIComponent).join('/')} class="small">${t.notebook_task.notebook_path.split('/').pop()}<//>` : ''}</div>`) },
		{ title: 'Began', mono: true, class: 'tightcell', render: (r) => r.start_time ? when(new Date(r.start_time).toISOString()) : '–' }, { title: 'Took', num: true, render: (r) => r.end_time ? ((r.end_time - r.start_time) / 1000).toFixed(1) + ' s' : '–' },
		{ title: 'Message', render: (r) => r.state?.state_message || '' }]} />`}</section>`;
}

// The scenario that runs on this stack (tarn run --step FILE), step by step; who teaches goes on from here.
function Scenario() {
	const s = useLive((l) => l.state.scenario);
	if (!s) return null;
	const words = { waiting: 'waits', running: 'runs', passed: 'passed', failed: 'failed' }, kinds = { running: 'accent', passed: 'ok', failed: 'bad' }, next = s.steps.find((x) => x.state === 'waiting');
	return html`<section class="card scenario"><div class="row"><h2 class="grow">${s.title}</h2>${s.paused && html`<${Act} kind="main" act=${() => post('/api/scenario')}>Go on${next ? '' : ' to the end'}<//>`}</div>
		<p class="dim small mono">tarn run ${s.file}</p>${s.paused && next && html`<p>Next: <b>${next.title}</b></p>`}
		<ol class="steps">${s.steps.map((x) => html`<li aria-current=${x.state === 'running' ? 'step' : null}><${Badge} kind=${kinds[x.state] || ''}>${words[x.state]}<//> <span>${x.title}</span>${x.us > 0 && html` <span class="dim small">${micros(x.us)}</span>`}${x.why && html`<pre class="text failed" tabindex="0">${s.file}:${x.line}: ${x.why}</pre>`}</li>`)}</ol></section>`;
}

export default function Runs() {
	const { data, error } = useGet('/api/v1/dags', { live: 5000 }), wrong = useGet('/api/v1/importErrors', { live: 5000 }).data?.import_errors || [];
	return html`<h1>Runs</h1><${Scenario} />${wrong.map((e) => html`<${Notice} kind="error"><span class="mono">${e.filename}</span><pre class="text" tabindex="0">${e.stack_trace}</pre><//>`)}
		${error ? html`<${Notice} kind="warn">Airflow: ${error.message}<//>` : !data ? html`<p class="dim">…</p>` : data.dags.length ? data.dags.map((d) => html`<${Grid} key=${d.dag_id} dag=${d} />`) : html`<${Empty}>No DAG: put one into the stack’s folder dags/, or below dags/ of the environment’s bucket.<//>`}<${Jobs} />`;
}
