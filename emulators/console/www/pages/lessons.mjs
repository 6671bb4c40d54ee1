// The lessons, a step at a time: check looks whether it is done, show does it.
import { html, useState, useGet, post, Link, Act, Badge, Code, Notice, Empty, num } from '../app.mjs';

export const title = (rest) => rest?.[0] ? `Lesson ${rest[0]}` : 'Lessons';

const states = { yes: ['ok', 'done'], no: ['warn', 'not yet'], blind: ['', 'can’t be looked at'] };

function Step({ lesson, n, step, state, set }) {
	const act = (what) => post('_tarn/lessons', { lesson, step: n, act: what }).then((r) => set(n, r, what));
	const kind = !state ? null : !state.ok ? 'no' : state.what === 'check' && !state.looked ? 'blind' : 'yes', badge = states[kind];
	return html`<section class="card"><div class="row"><h2 class="grow">${n}. ${step.title}</h2>${badge && html`<${Badge} kind=${badge[0]}>${badge[1]}<//>`}</div>
		<${Code} text=${step.text} name=${`step ${n}`} />
		<div class="row"><${Act} kind="main" act=${() => act('check')} aria-label=${`Check step ${n}`}>Check<//><${Act} act=${() => act('show')} aria-label=${`Show me step ${n}`}>Show me<//></div>
		${state && !state.ok && html`<${Notice} kind="warn"><code>${state.line}</code> ${state.why}<//>`}
		${kind === 'blind' && html`<p class="dim small">What it expects is of its own request or program: “Show me” does it.</p>`}
		${state?.output && html`<${Code} text=${state.output} name=${`output of step ${n}`} />`}</section>`;
}

function Lesson({ n }) {
	const one = useGet('_tarn/lessons?n=' + encodeURIComponent(n)), [states, setStates] = useState({});
	if (one.error) return html`<h1>Lessons</h1><${Notice} kind="error">${one.error.message}<//>`;
	if (!one.data) return html`<h1>Lessons</h1><${Empty}>…<//>`;
	const begin = () => post('_tarn/lessons', { lesson: n, act: 'begin' }).then(() => setStates({}));
	const l = one.data, done = Object.values(states).filter((s) => s.ok && (s.looked || s.what === 'show')).length;
	return html`<p><${Link} to="/lessons">All lessons<//></p><h1>${l.title}</h1><p>${l.about}</p>
		<p class="dim small">Do each step as you like: by your own program, in the console, or as it is written here. “Check” looks at this stack; “Show me” does it on this stack. ${num(done)} of ${num(l.list.length)} done.</p>
		<div class="row"><${Act} kind="danger" act=${begin} done="Everything is new">Begin anew<//><span class="dim small">Resets this stack, and sets its clock to the lesson’s.</span></div>
		${l.list.map((s, i) => html`<${Step} lesson=${l.lesson} n=${i + 1} step=${s} state=${states[i + 1]} set=${(k, r, what) => setStates((was) => ({ ...was, [k]: { ...r, what } }))} />`)}`;
}

export default function Lessons({ rest }) {
	const all = useGet('_tarn/lessons');
	if (rest[0]) return html`<${Lesson} key=${rest[0]} n=${rest[0]} />`;
	if (all.error) return html`<h1>Lessons</h1><${Notice} kind="error">${all.error.message}<//>`;
	return html`<h1>Lessons</h1>${!all.data ? html`<${Empty}>…<//>` : html`<ol class="plain topics">${all.data.lessons.map((l) => html`<li><${Link} to=${'/lessons/' + l.lesson}>${l.lesson} ${l.title}<//> <span class="dim">${l.about} ${num(l.steps)} steps.</span></li>`)}</ol>`}`;
}
