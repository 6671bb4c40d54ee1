import { html, useState, useEffect, get, post, Table, Act, Badge, Notice, Empty, num, when } from '../app.mjs';

export const title = 'Workshop';

const of = (s, service, what) => s.services?.[service]?.[what];
// How far somebody's records came.
const stage = (s) => !s.up ? ['bad', 'doesn’t run'] : of(s, 's3', 'objects') ? ['ok', 'in the bucket'] : of(s, 'kafka', 'records') ? ['accent', 'in Kafka'] : of(s, 'kinesis', 'records') ? ['accent', 'in Kinesis'] : ['', 'nothing yet'];

export default function Workshop() {
	const [{ data, error }, set] = useState({}), [snapshot, setSnapshot] = useState('');
	// Others' stacks tell this one nothing by themselves.
	useEffect(() => {
		const look = () => document.hidden || get('/_tarn/workshop').then((data) => set({ data }), (error) => set((was) => ({ ...was, error })));
		look();
		const t = setInterval(look, 2000);
		return () => clearInterval(t);
	}, []);
	if (error && !data) return html`<h1>Workshop</h1><${Empty}>${error.message}<//>`;
	if (!data) return html`<h1>Workshop</h1><${Empty}>Asking everybody…<//>`;
	const act = (body) => post('/_tarn/workshop', body), students = data.students.filter((s) => s.id !== 'teacher');
	const down = students.filter((s) => !s.up).length;
	return html`<h1>Workshop</h1>
		<section class="card"><h2>Everybody’s pipeline</h2>
			${down > 0 && html`<${Notice} kind="warn">${num(down)} of ${num(students.length)} stacks don’t run: <code>tarn workshop ${students.length}</code> starts them.<//>`}
			<${Table} caption="Students and what their pipelines have" rows=${students} keyOf=${(s) => s.id} columns=${[
		{ title: 'Student', render: (s) => html`<a href=${s.control + '/'}>${s.id}</a>` }, { title: 'User id', mono: true, render: (s) => s.user || '–' },
		{ title: 'Stage', render: (s) => html`<${Badge} kind=${stage(s)[0]}>${stage(s)[1]}<//>` },
		{ title: 'Kafka', num: true, render: (s) => num(of(s, 'kafka', 'records')) }, { title: 'Waiting', num: true, render: (s) => num(of(s, 'connect', 'lag')) },
		{ title: 'Objects', num: true, render: (s) => num(of(s, 's3', 'objects')) }, { title: 'Kinesis', num: true, render: (s) => num(of(s, 'kinesis', 'records')) },
		{ title: 'Faults', num: true, render: (s) => num(s.faults?.length) }, { title: 'Clock', mono: true, class: 'tightcell', render: (s) => when(s.clock) },
		{ title: '', render: (s) => html`<${Act} kind="danger" act=${() => act({ act: 'reset', who: s.id })} done=${`${s.id} begins anew`} aria-label=${`Reset ${s.id}`}>Reset<//>` }]} /></section>
		<section class="card"><h2>For all</h2>
			<form class="row" onSubmit=${(e) => e.preventDefault()}><label>Your snapshot<input value=${snapshot} onInput=${(e) => setSnapshot(e.target.value)} placeholder="lesson-2" spellcheck=${false} /></label>
				<${Act} kind="main" disabled=${!snapshot.trim()} act=${() => act({ act: 'give', snapshot: snapshot.trim() })} done="Everybody has it">Give to all<//>
				<${Act} kind="danger" act=${() => act({ act: 'reset', who: 'all' })} done="All begin anew">Reset all<//></form>
			<p class="dim small">A snapshot is saved on the control page, or by <code>tarn snapshot save</code>; it replaces what they have. Sheets to hand out: <code>tarn workshop sheet</code>.</p></section>`;
}
