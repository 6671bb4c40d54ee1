// Topics and streams in one viewer, groups and their lag, streaming queries.
import { html, useState, useEffect, useGet, useLive, get, post, go, Link, journey, Table, Tabs, Json, Badge, Notice, Empty, Act, Copy, num, bytes, hour, when, text } from '../app.mjs';

export const title = (rest) => rest?.[1] ? `${rest[1]} · Streams` : 'Streams';

const total = (t) => t.partitions.reduce((n, p) => n + p.end - p.start, 0);
const own = (name) => name.startsWith('_');
const link = (kind, name) => `/streams/${kind}/${encodeURIComponent(name)}`;
const raw = (r) => r.base64 ? `(bytes, base64) ${r.value}` : r.value;
const isJson = (v) => typeof v === 'string' && /^\s*[[{]/.test(v);

function Record({ r, of, close }) {
	const [as, setAs] = useState(isJson(r.value) && !r.cut ? 'decoded' : 'raw'), headers = Object.entries(r.headers || {});
	const id = r.trace || r.id;
	return html`<section class="card record" aria-label="Record"><div class="row"><h2 class="grow">${of.kind === 'topic' ? `Partition ${r.partition}, offset ${num(r.offset)}` : r.shard}</h2>
		${id && html`<${Link} class="button" to=${journey(id)}>Its journey<//>`}<button class="quiet" onClick=${close} aria-label="Close the record">Close</button></div>
		<dl class="facts"><dt>Time</dt><dd class="mono">${when(r.time)}</dd>${r.sequence && html`<dt>Sequence</dt><dd class="mono">${r.sequence}</dd>`}<dt>Key</dt><dd class="mono">${text(r.key)}</dd><dt>Size</dt><dd>${bytes(r.bytes)}${r.cut && ', cut here'}</dd>
			${headers.map(([k, v]) => html`<dt class="mono">${k}</dt><dd class="mono">${text(v)}</dd>`)}</dl>
		<div class="row tight">${['decoded', 'raw'].map((x) => html`<button class="quiet" aria-pressed=${as === x} onClick=${() => setAs(x)}>${x === 'raw' ? 'Raw' : 'Decoded'}</button>`)}<${Copy} text=${r.value ?? ''} name="the value" /></div>
		${r.value == null ? html`<p class="dim">null${of.kind === 'topic' ? ', which deletes the key in a compacted topic' : ''}</p>` : as === 'decoded' ? html`<${Json} value=${r.value} open=${2} />` : html`<pre class="text" tabindex="0">${raw(r)}</pre>`}</section>`;
}

function Viewer({ of, places }) {
	const [from, setFrom] = useState('newest'), [at, setAt] = useState(''), [place, setPlace] = useState(''), [filter, setFilter] = useState(''), [asked, ask] = useState(''), [limit, setLimit] = useState(50), [follow, setFollow] = useState(true), [picked, pick] = useState(null);
	const start = from === 'offset' || from === 'time' ? (from === 'time' && at ? new Date(at + (/Z$/.test(at) ? '' : 'Z')).toISOString?.() : at) || 'oldest' : from;
	const path = 'api/records?' + new URLSearchParams({ [of.kind]: of.name, from: start, limit, ...(place !== '' && { [of.kind === 'topic' ? 'partition' : 'shard']: place }), ...(asked && { filter: asked }) });
	const r = useGet(path, { live: from === 'newest' && follow ? 500 : 0 }), rows = r.data?.records || [];
	useEffect(() => { const t = setTimeout(() => ask(filter), 300); return () => clearTimeout(t); }, [filter]);
	const key = (x) => `${x.shard || x.partition}/${x.sequence || x.offset}`, partition = of.kind === 'topic' ? 'Partition' : 'Shard';
	return html`<div class="row"><label>Start at<select value=${from} onChange=${(e) => { setFrom(e.target.value); setAt(''); }}><option value="newest">newest</option><option value="oldest">oldest</option><option value="offset">${of.kind === 'topic' ? 'offset' : 'sequence number'}</option><option value="time">time</option></select></label>
			${from === 'offset' && html`<label>${of.kind === 'topic' ? 'Offset' : 'Sequence number'}<input inputmode="numeric" value=${at} onInput=${(e) => setAt(e.target.value.replace(/\D/g, ''))} /></label>`}
			${from === 'time' && html`<label>Time (UTC)<input type="datetime-local" step="1" value=${at} onInput=${(e) => setAt(e.target.value)} /></label>`}
			<label>${partition}<select value=${place} onChange=${(e) => setPlace(e.target.value)}><option value="">all</option>${places.map((p) => html`<option value=${p}>${p}</option>`)}</select></label>
			<label class="grow">Filter<input data-search value=${filter} onInput=${(e) => setFilter(e.target.value)} placeholder='a text, or $.category == travel' /></label>
			<label>Records<select value=${limit} onChange=${(e) => setLimit(+e.target.value)}>${[20, 50, 200, 500].map((n) => html`<option value=${n} selected=${n === limit}>${n}</option>`)}</select></label>
			${from === 'newest' ? html`<button aria-pressed=${follow} onClick=${() => setFollow(!follow)}>Follow</button>` : html`<button onClick=${r.again}>Again</button>`}</div>
		${r.error && html`<${Notice} kind="error">${r.error.message}<//>`}
		${picked && html`<${Record} key=${key(picked)} r=${picked} of=${of} close=${() => pick(null)} />`}
		<${Table} caption=${'Records of ' + of.name} rows=${rows} max=${200} keyOf=${key} empty=${r.loading ? '…' : asked ? `None of ${num(r.data?.looked || 0)} records that were looked at has it.` : 'No records.'} columns=${[
		{ title: of.kind === 'topic' ? 'Offset' : 'Sequence', num: of.kind === 'topic', mono: true, render: (x) => html`<button class="quiet open" aria-label=${`Open ${of.kind === 'topic' ? 'offset ' + x.offset : 'record ' + x.sequence}`} onClick=${() => pick(x)}>${of.kind === 'topic' ? num(x.offset) : '…' + x.sequence.slice(-8)}</button>` },
		...(places.length > 1 ? [{ title: partition, num: of.kind === 'topic', mono: true, render: (x) => x.shard ? x.shard.replace(/^shardId-0*(?=\d)/, '') : x.partition }] : []),
		{ title: 'Time', mono: true, class: 'tightcell', render: (x) => html`<span title=${when(x.time)}>${hour(x.time)}</span>` }, ...(rows.some((x) => x.key != null) ? [{ title: 'Key', mono: true, render: (x) => text(x.key) }] : []),
		{ title: 'Value', mono: true, render: (x) => html`<span class="clamp">${x.value == null ? text(null) : raw(x).slice(0, 300)}</span>` }, { title: 'Size', num: true, render: (x) => bytes(x.bytes) },
		{ title: 'Journey', render: (x) => (x.trace || x.id) && html`<${Link} to=${journey(x.trace || x.id)} aria-label=${'follow the journey of ' + (x.id || x.trace)}>follow<//>` }]} />
		${r.data && html`<p class="dim">${num(rows.length)} shown${r.data.looked ? `, ${num(r.data.looked)} looked at` : ''}${r.data.more ? '; there are more' : ''}.</p>`}`;
}

function One({ of, all }) {
	const topic = of.kind === 'topic' ? all.topics?.find((t) => t.name === of.name) : null, stream = of.kind === 'stream' ? all.streams?.find((t) => t.name === of.name) : null, it = topic || stream;
	if (!it) return html`<${Notice} kind="error">There is no ${of.kind} ${of.name} any more. <${Link} to="/streams">All of them<//><//>`;
	return html`<section class="card"><div class="row"><h2 class="grow mono">${of.name}</h2><${Badge}>${of.kind}<//>${topic && html`<span class="dim">${num(total(topic))} records</span>`}</div>
		<${Viewer} key=${of.kind + of.name} of=${of} places=${topic ? topic.partitions.map((p) => p.partition) : stream.shards.map((s) => s.shard)} /></section>
		<section class="card"><h2>${topic ? 'Partitions' : 'Shards'}</h2>${topic ? html`<${Table} caption="Partitions" rows=${topic.partitions} columns=${[{ title: 'Partition', num: true, key: 'partition' }, { title: 'First offset', num: true, render: (p) => num(p.start) }, { title: 'Next offset', num: true, render: (p) => num(p.end) }, { title: 'Records', num: true, render: (p) => num(p.end - p.start) }]} />`
		: html`<${Table} caption="Shards" rows=${stream.shards} columns=${[{ title: 'Shard', mono: true, key: 'shard' }, { title: 'State', render: (s) => html`<${Badge} kind=${s.open ? 'ok' : ''}>${s.open ? 'open' : 'closed'}<//>` }]} />`}</section>`;
}

// What each group has still to read, asked of the REST proxy's v3.
function useGroups() {
	const seq = useLive((l) => l.seq), [s, set] = useState({}), slow = Math.floor(seq / 5);
	useEffect(() => {
		let on = true;
		const t = setTimeout(async () => {
			try {
				const cluster = (await get('v3/clusters')).data[0].cluster_id, base = `v3/clusters/${encodeURIComponent(cluster)}/consumer-groups`;
				const groups = await Promise.all((await get(base)).data.map(async (g) => {
					const of = (what) => get(`${base}/${encodeURIComponent(g.consumer_group_id)}/${what}`).then((r) => r.data, () => []);
					const [lags, members] = await Promise.all([of('lags'), of('consumers')]);
					return { name: g.consumer_group_id, state: g.state, members: members.length, lags, lag: lags.reduce((n, l) => n + Math.max(0, l.lag), 0) };
				}));
				if (on) set({ groups });
			} catch (error) { if (on) set({ error }); }
		}, 300);
		return () => { on = false; clearTimeout(t); };
	}, [slow]);
	return s;
}
// What each connector's partitions wait for, in its own words.
function Connectors() {
	const seq = useLive((l) => Math.floor(l.seq / 5)), [s, set] = useState({});
	useEffect(() => {
		let on = true;
		get('connectors').then((names) => Promise.all(names.map((n) => get(`connectors/${encodeURIComponent(n)}/status?explain`)))).then((list) => on && set({ list }), (error) => on && set({ error }));
		return () => { on = false; };
	}, [seq]);
	if (s.error) return html`<${Notice} kind="warn">Connectors: ${s.error.message}<//>`;
	return (s.list || []).map((c) => html`<section class="card" key=${c.name}><div class="row"><h2 class="grow mono">${c.name}</h2><span class="dim">connector</span><${Badge} kind=${c.connector?.state === 'RUNNING' && c.tasks?.every((t) => t.state === 'RUNNING') ? 'ok' : 'bad'}>${String(c.connector?.state).toLowerCase()}${c.tasks?.some((t) => t.state === 'FAILED') ? ', a task failed' : ''}<//></div>
		${c.tasks?.filter((t) => t.trace).map((t) => html`<${Notice} kind="error"><pre class="wrap">${t.trace}</pre><//>`)}
		<${Table} caption=${'What ' + c.name + ' waits for'} rows=${c.partitions || []} empty="It has read nothing yet." columns=${[{ title: 'Topic', mono: true, render: (p) => html`<${Link} to=${link('topic', p.topic)}>${p.topic}<//>` }, { title: 'Partition', num: true, key: 'partition' }, { title: 'Committed', num: true, render: (p) => num(p.committed_offset) }, { title: 'Buffered', num: true, render: (p) => html`<b>${num(p.buffered_records)}</b>` }, { title: 'Waits for', render: (p) => p.waiting_for || '' }]} /></section>`);
}
function Groups() {
	const { groups, error } = useGroups();
	if (error) return html`<${Notice} kind="error">${error.message}<//>`;
	if (!groups) return html`<${Empty}>…<//>`;
	if (!groups.length) return html`<${Empty}>No group has read yet.<//>`;
	return groups.map((g) => html`<section class="card" key=${g.name}><div class="row"><h2 class="grow mono">${g.name}</h2><${Badge} kind=${g.state === 'STABLE' ? 'ok' : ''}>${String(g.state).toLowerCase().replace(/_/g, ' ')}<//>
		<span class="dim">${g.members} ${g.members === 1 ? 'member' : 'members'}</span><${Badge} kind=${g.lag ? 'warn' : 'ok'}>lag ${num(g.lag)}<//></div>
		<${Table} caption=${'Lag of ' + g.name} rows=${g.lags} empty="It has committed no offsets." columns=${[{ title: 'Topic', mono: true, render: (l) => html`<${Link} to=${link('topic', l.topic_name)}>${l.topic_name}<//>` }, { title: 'Partition', num: true, key: 'partition_id' }, { title: 'Committed', num: true, render: (l) => num(l.current_offset) }, { title: 'End', num: true, render: (l) => num(l.log_end_offset) },
		{ title: 'Lag', num: true, render: (l) => html`<b>${num(l.lag)}</b>` }, { title: 'Member', mono: true, render: (l) => l.client_id || html`<span class="dim">nobody now</span>` }]} /></section>`);
}

function Queries() {
	const r = useGet('api/tarn/streams', { live: 1000 }), list = r.data?.queries || [];
	if (r.error) return html`<${Notice} kind="error">${r.error.message}<//>`;
	return html`<section class="card"><h2>Streaming queries</h2><${Table} caption="Streaming queries" rows=${list} empty="None in this stack." keyOf=${(q) => q.name} columns=${[{ title: 'Query', render: (q) => html`<b>${q.name}</b>` }, { title: 'State', render: (q) => html`<${Badge} kind=${q.exception ? 'bad' : q.isActive ? 'ok' : ''}>${q.exception ? 'failed' : q.state}<//>` },
		{ title: 'Stream', mono: true, render: (q) => q.options?.streamName ? html`<${Link} to=${link('stream', q.options.streamName)}>${q.options.streamName}<//>` : '' }, { title: 'Table', mono: true, render: (q) => q.options?.table || q.sink?.table || '' }, { title: 'Batches', num: true, render: (q) => num(q.totals?.batches) }, { title: 'Rows in', num: true, render: (q) => num(q.totals?.numInputRows) }, { title: 'Rows out', num: true, render: (q) => num(q.totals?.numOutputRows) }, { title: 'Quarantined', num: true, render: (q) => num(q.totals?.quarantined) },
		{ title: 'What it says', render: (q) => q.exception || q.status?.message || '' },
		{ title: 'Act', render: (q) => html`<${Act} kind="quiet" aria-label=${`${q.isActive ? 'Stop' : 'Start'} ${q.name}`} act=${async () => { await post(`api/tarn/streams/${encodeURIComponent(q.name)}/${q.isActive ? 'stop' : 'start'}`); r.again(); }}>${q.isActive ? 'Stop' : 'Start'}<//>` }]} /></section>`;
}

const List = ({ all, hidden, show, of }) => html`<section class="card"><h2>Topics</h2><${Table} caption="Topics" rows=${(all.topics || []).filter((t) => hidden || !own(t.name))} empty="No topics yet: the first record makes one." keyOf=${(t) => t.name} rowClass=${(t) => of?.kind === 'topic' && of.name === t.name ? 'here' : null} columns=${[
		{ title: 'Topic', mono: true, render: (t) => html`<${Link} to=${link('topic', t.name)} aria-current=${of?.kind === 'topic' && of.name === t.name ? 'true' : null}>${t.name}<//>` }, ...(of ? [] : [{ title: 'Partitions', num: true, render: (t) => t.partitions.length }]), { title: 'Records', num: true, render: (t) => num(total(t)) }]} />
		<button class="quiet" aria-pressed=${hidden} onClick=${show}>Kafka’s own, too</button></section>
	<section class="card"><h2>Streams</h2><${Table} caption="Streams" rows=${all.streams || []} empty="No Kinesis streams yet." keyOf=${(t) => t.name} rowClass=${(t) => of?.kind === 'stream' && of.name === t.name ? 'here' : null} columns=${[{ title: 'Stream', mono: true, render: (t) => html`<${Link} to=${link('stream', t.name)} aria-current=${of?.kind === 'stream' && of.name === t.name ? 'true' : null}>${t.name}<//>` }, { title: 'Shards', num: true, render: (t) => t.shards.length }]} /></section>`;

export default function Streams({ rest }) {
	const r = useGet('api/streams', { live: 1000 }), all = r.data || {}, [hidden, show] = useState(false);
	const of = (rest[0] === 'topic' || rest[0] === 'stream') && rest[1] ? { kind: rest[0], name: rest[1] } : null, tab = rest[0] === 'groups' || rest[0] === 'queries' ? rest[0] : 'all';
	const tabs = [['all', 'Topics and streams', () => html`${r.error && html`<${Notice} kind="error">${r.error.message}<//>`}${!r.data && !r.error ? html`<${Empty}>…<//>`
		: of ? html`<div class="side viewer"><div><${One} key=${of.kind + of.name} of=${of} all=${all} /></div><div><${List} all=${all} of=${of} hidden=${hidden || own(of.name)} show=${() => show(!hidden)} /></div></div>`
			: html`<div class="grid"><${List} all=${all} hidden=${hidden} show=${() => show(!hidden)} /></div>`}`], ['groups', 'Groups and lag', () => html`<${Groups} /><${Connectors} />`], ['queries', 'Streaming queries', () => html`<${Queries} />`]];
	return html`<h1>Streams</h1><${Tabs} label="Streams" value=${tab} onChange=${(t) => go(t === 'all' ? '/streams' : '/streams/' + t)} tabs=${tabs} />`;
}
