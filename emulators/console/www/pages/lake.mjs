// The lake: Delta tables as of any version, and objects with a preview.
import { html, useState, useEffect, useGet, post, go, href, Link, journey, Table, Tabs, Bars, Json, Notice, Empty, Act, Copy, num, bytes, when } from '../app.mjs';
import { Rows } from './sql.mjs';

export const title = (rest) => rest?.length > 1 ? `${rest[rest.length - 1]} · Lake` : 'Lake';

const quoted = (s) => '`' + String(s).replace(/`/g, '``') + '`';
const ask = async (sql) => {
	const r = await post('api/tarn/sql?as=json', sql);
	return { columns: r.schema.map((c) => ({ name: c.name, type: c.type })), rows: r.rows };
};
// { data, error } of a statement; null: none.
function useSql(sql) {
	const [s, set] = useState({});
	useEffect(() => {
		let on = true;
		if (sql) ask(sql).then((data) => on && set({ data, of: sql }), (error) => on && set((was) => ({ error, of: sql })));
		return () => { on = false; };
	}, [sql]);
	return s;
}
const cell = (data, row, column) => row[data.columns.findIndex((c) => c.name === column)];
const told = (m) => Object.entries(m || {}).map(([k, v]) => `${k.replace(/([A-Z])/g, ' $1').toLowerCase()} ${v}`).join(', ');

// ---- tables ----

function DeltaTable({ name }) {
	const history = useSql('DESCRIBE HISTORY ' + name), versions = history.data ? history.data.rows.map((r) => +r[0]).sort((a, b) => a - b) : [];
	const [at, setAt] = useState(null), newest = versions[versions.length - 1], version = at ?? newest, i = versions.indexOf(version);
	const rows = useSql(versions.length ? `SELECT * FROM ${name} VERSION AS OF ${version} LIMIT 100` : null), count = useSql(versions.length ? `SELECT COUNT(*) FROM ${name} VERSION AS OF ${version}` : null);
	const row = history.data?.rows.find((r) => +r[0] === version);
	if (history.error) return html`<${Notice} kind="error">${history.error.message}<//>`;
	if (!history.data) return html`<${Empty}>…<//>`;
	const n = count.data && !count.error ? +count.data.rows[0][0] : null;
	return html`<section class="card"><div class="row"><h2 class="grow mono">${name}</h2><${Link} class="button" to=${`/sql?sql=${encodeURIComponent(`SELECT * FROM ${name} LIMIT 100`)}`}>Ask it in SQL<//></div>
		<div class="row asof"><label class="grow">Read as of<input type="range" min="0" max=${versions.length - 1} value=${i} aria-valuetext=${'version ' + version} onInput=${(e) => setAt(versions[+e.target.value])} disabled=${versions.length < 2} /></label>
			<button class="quiet" disabled=${i <= 0} onClick=${() => setAt(versions[i - 1])}>Older</button><button class="quiet" disabled=${i >= versions.length - 1} onClick=${() => setAt(versions[i + 1])}>Newer</button></div>
		<p class="asofwhat"><b>Version ${version}</b>${version === newest ? ', the newest' : ''}${row && html`, ${when(cell(history.data, row, 'timestamp'))}, ${cell(history.data, row, 'operation')}`}: <b>${n == null ? '…' : num(n)}</b> rows</p>
		${rows.error ? html`<${Notice} kind="error">${rows.error.message}<//>` : rows.data && html`<${Rows} data=${rows.data} caption=${`Rows of ${name} as of version ${version}`} max=${20} />`}</section>
		<section class="card"><h2>Commits</h2><${Table} caption="Commits, newest first" rows=${history.data.rows} keyOf=${(r) => r[0]} rowClass=${(r) => +r[0] === version ? 'here' : null} columns=${[
		{ title: 'Version', num: true, render: (r) => html`<button class="quiet open" aria-label=${'Read as of version ' + r[0]} onClick=${() => setAt(+r[0])}>${r[0]}</button>` }, { title: 'Time', mono: true, class: 'tightcell', render: (r) => when(cell(history.data, r, 'timestamp')) },
		{ title: 'Operation', render: (r) => html`<b>${cell(history.data, r, 'operation')}</b>` }, { title: 'What it did', render: (r) => told(cell(history.data, r, 'operationMetrics')) }, { title: 'Written by', render: (r) => cell(history.data, r, 'engineInfo') || cell(history.data, r, 'userName') || '' }]} /></section>`;
}

function Tablelist({ rest }) {
	const [n, setN] = useState(0), [s, set] = useState({}), chosen = rest[1];
	useEffect(() => { ask('SHOW TABLES').then((d) => set({ names: d.rows.map((r) => r[1]) }), (error) => set({ error })); }, [n]);
	const name = chosen || s.names?.[0];
	if (s.error) return html`<${Notice} kind="error">${s.error.message}<//>`;
	const clean = html`<${Act} kind=${s.names?.length ? 'quiet' : 'main'} act=${async () => { await post('api/tarn/clean'); setN(n + 1); }} done="cleaned">Clean now<//>`;
	return html`<div class="row">${(s.names || []).map((t) => html`<${Link} class=${'button' + (t === name ? ' chosen' : '')} aria-current=${t === name ? 'true' : null} to=${'/lake/table/' + encodeURIComponent(t)}>${t}<//>`)}${s.names && clean}</div>
		${s.names && !s.names.length && html`<${Empty}>No tables yet: cleaning the topics’ objects makes them, a notebook or a DAG does, too.<//>`}
		${name && html`<${DeltaTable} key=${name + n} name=${/^\w+$/.test(name) && !/^\d/.test(name) ? name : quoted(name)} />`}`;
}

// ---- what couldn't be cleaned ----

function Quarantine() {
	const s = useSql('SELECT dataset, reason, object_key, line, record, topic FROM quarantine LIMIT 500'), buckets = useGet('api/objects').data?.buckets || [], bucket = buckets.find((b) => /^user-/.test(b.name))?.name || buckets[buckets.length - 1]?.name;
	if (s.error) return html`<${Notice} kind="error">${s.error.message}<//>`;
	if (!s.data) return html`<${Empty}>…<//>`;
	const reasons = new Map();
	for (const r of s.data.rows) reasons.set(r[1], (reasons.get(r[1]) || 0) + 1);
	return html`<section class="card"><h2>Quarantine <small class="dim">${num(s.data.rows.length)} ${s.data.rows.length === 1 ? 'record' : 'records'}</small></h2><p>Records that cleaning could not make a row of, and why. Nothing is dropped in silence.</p>
		${reasons.size > 1 && html`<${Bars} caption="Records by reason" rows=${[...reasons].sort((a, b) => b[1] - a[1]).map(([label, value]) => ({ label, value }))} />`}
		<${Table} caption="Records in quarantine" rows=${s.data.rows} max=${100} empty="None: every record that was cleaned became a row." columns=${[{ title: 'Dataset', render: (r) => html`<b>${r[0]}</b>` }, { title: 'Why', render: (r) => r[1] }, { title: 'Record', mono: true, render: (r) => html`<span class="clamp">${r[4] ?? 'bytes that are no text'}</span>` },
		{ title: 'Object', mono: true, render: (r) => `${String(r[2]).split('/').pop()}, line ${r[3]}` }, { title: 'Journey', render: (r) => bucket && html`<${Link} to=${journey(`s3://${bucket}/${r[2]}#${r[3]}`)} aria-label=${`follow the journey of ${r[2]}, line ${r[3]}`}>follow<//>` }]} /></section>`;
}

// ---- objects ----

function useText(path, most) {
	const [s, set] = useState({});
	useEffect(() => {
		let on = true;
		if (path) fetch(href(`${path}?max=${most}`), { headers: { 'X-Tarn': 'console' } }).then(async (r) => {
			const body = await r.text();
			if (on) set(r.ok ? { body, size: +r.headers.get('X-Tarn-Bytes'), binary: !/^text/.test(r.headers.get('content-type') || '') } : { error: new Error(body) });
		}, (error) => on && set({ error }));
		return () => { on = false; };
	}, [path]);
	return s;
}

const parse = (l) => { try { return JSON.parse(l); } catch { return l; } };
function Lines({ body, uri, cut, log }) {
	const lines = body.split('\n').filter((l) => l.trim()), [limit, setLimit] = useState(20);
	return html`<ol class="jsonlines">${lines.slice(0, limit).map((l, i) => html`<li><${Json} value=${parse(l)} open=${log || lines.length < 4 ? 2 : 0} />${!log && html`<${Link} to=${journey(`${uri}#${i + 1}`)} aria-label=${`Journey of line ${i + 1}`}>journey<//>`}</li>`)}</ol>
		${lines.length > limit && html`<button class="quiet" onClick=${() => setLimit(limit + 100)}>${num(lines.length - limit)} more lines${cut ? ', and what is cut' : ''}</button>`}`;
}

function Preview({ bucket, o, close }) {
	const path = `api/objects/${encodeURIComponent(bucket)}/${o.key.split('/').map(encodeURIComponent).join('/')}`, uri = `s3://${bucket}/${o.key}`, parquet = /\.parquet$/.test(o.key), csv = /\.csv$/.test(o.key), log = /\/_delta_log\//.test(o.key), most = 256 << 10;
	const t = useText(parquet ? null : path, most), rows = useSql(parquet ? `SELECT * FROM parquet.${quoted(uri)} LIMIT 100` : null), json = t.body && /^\s*[[{]/.test(t.body);
	return html`<section class="card preview" aria-label="Object"><div class="row"><h2 class="grow mono">${o.key.split('/').pop()}</h2><a class="button" href=${href(path + '?download=1')} download=${o.key.split('/').pop()}>Download</a><button class="quiet" aria-label="Close the object" onClick=${close}>Close</button></div>
		<dl class="facts"><dt>Address</dt><dd class="mono">${uri} <${Copy} text=${uri} name="the address" /></dd><dt>Size</dt><dd>${bytes(o.size)}</dd><dt>Written</dt><dd class="mono">${when(o.modified)}</dd>${/^topics\//.test(o.key) && html`<dt>By</dt><dd><${Link} to=${journey(uri + '#1')}>the sink: journey of its first line<//></dd>`}</dl>
		${t.error || rows.error ? html`<${Notice} kind="error">${(t.error || rows.error).message}<//>` : parquet ? rows.data ? html`<${Rows} data=${rows.data} caption="Its first rows" max=${20} />` : html`<${Empty}>…<//>`
		: t.body === undefined ? html`<${Empty}>…<//>` : t.binary ? html`<p class="dim">Bytes that are no text.</p>` : json ? html`<${Lines} body=${t.size > most ? t.body.slice(0, t.body.lastIndexOf('\n')) : t.body} uri=${uri} cut=${t.size > most} log=${log} />` : html`<pre class="text" tabindex="0">${t.body || '(empty)'}</pre>`}
		${t.size > most && html`<p class="dim">The first ${bytes(most)} of ${bytes(t.size)}.</p>`}</section>`;
}

function Objects({ rest, query }) {
	const buckets = useGet('api/objects', { live: 2000 }).data?.buckets || [], bucket = rest[1] || (buckets.find((b) => /^user-/.test(b.name)) || buckets[buckets.length - 1])?.name, prefix = query.get('prefix') || '';
	const [after, setAfter] = useState([]), [picked, pick] = useState(null), path = bucket && `api/objects/${encodeURIComponent(bucket)}?` + new URLSearchParams({ prefix, ...(after.length && { after: after[after.length - 1] }) }), r = useGet(path, { live: 1000 });
	useEffect(() => { setAfter([]); pick(null); }, [bucket, prefix]);
	const to = (p) => `/lake/objects/${encodeURIComponent(bucket)}${p ? '?prefix=' + encodeURIComponent(p) : ''}`, parts = prefix.split('/').filter(Boolean), list = r.data;
	const rows = list ? [...list.folders.map((f) => ({ folder: f })), ...list.objects] : [];
	return html`<section class="card"><div class="row"><label>Bucket<select value=${bucket} onChange=${(e) => go(`/lake/objects/${encodeURIComponent(e.target.value)}`)}>${buckets.map((b) => html`<option value=${b.name} selected=${b.name === bucket}>${b.name}</option>`)}</select></label>
		<nav class="crumbs" aria-label="Folder"><${Link} to=${to('')}>${bucket}<//>${parts.map((p, i) => html` / <${Link} to=${to(parts.slice(0, i + 1).join('/') + '/')}>${p}<//>`)}</nav></div>
		${r.error && html`<${Notice} kind="error">${r.error.message}<//>`}
		${picked && html`<${Preview} key=${picked.key} bucket=${bucket} o=${picked} close=${() => pick(null)} />`}
		<${Table} caption="Folders and objects" rows=${rows} max=${200} keyOf=${(o) => o.folder || o.key} rowClass=${(o) => picked && o.key === picked.key ? 'here' : null} empty=${r.loading ? '…' : 'Nothing here.'} columns=${[
		{ title: 'Name', mono: true, render: (o) => o.folder ? html`<${Link} to=${to(o.folder)}>${o.folder.slice(prefix.length)}<//>` : html`<button class="quiet open" onClick=${() => pick(o)} aria-label=${'Open ' + o.key}>${o.key.slice(prefix.length) || o.key}</button>` },
		{ title: 'Size', num: true, render: (o) => o.folder ? html`<span class="dim">folder</span>` : bytes(o.size) }, { title: 'Written', mono: true, class: 'tightcell', render: (o) => o.folder ? '' : when(o.modified) }]} />
		<div class="row">${after.length > 0 && html`<button class="quiet" onClick=${() => setAfter(after.slice(0, -1))}>Back</button>`}${list?.after && html`<button class="quiet" onClick=${() => setAfter([...after, list.after])}>More of this folder</button>`}</div></section>`;
}

export default function Lake({ rest, query }) {
	const tab = ['objects', 'quarantine'].includes(rest[0]) ? rest[0] : 'table';
	return html`<h1>Lake</h1><${Tabs} label="Lake" value=${tab} onChange=${(t) => go('/lake/' + t)} tabs=${[['table', 'Tables', () => html`<${Tablelist} rest=${rest} />`], ['quarantine', 'Quarantine', () => html`<${Quarantine} />`], ['objects', 'Objects', () => html`<${Objects} rest=${rest} query=${query} />`]]} />`;
}
