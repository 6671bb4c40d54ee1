import { html, useState, useMemo, useLive, useGet, get, post, clockNow, Link, Table, Tabs, Act, Code, Copy, Notice, Badge, Empty, num, bytes, when, base } from '../app.mjs';

export const title = 'Control';

// ---- clock ----
function Clock() {
	const clock = useLive((l) => l.clock), airflow = useLive((l) => !!l.state.services?.airflow), [by, setBy] = useState('16d'), [to, setTo] = useState('');
	const set = (words) => post('/_tarn/clock', words);
	const waiting = useGet(clock?.advancing ? '/_tarn/clock' : null, { live: 500 }).data?.advancing?.waiting;
	if (!clock) return html`<${Empty}>Connecting…<//>`;
	// Only a frozen clock can be moved: who advances a running one freezes it first.
	const advance = async (d) => { if (!clock.frozen) await set('freeze'); return set('advance ' + d); };
	const next = async () => {
		const on = (await get('/api/v1/dags')).dags.filter((d) => !d.is_paused && d.next_dagrun_create_after).map((d) => Date.parse(d.next_dagrun_create_after));
		if (!on.length) throw new Error('no DAG with a schedule is on');
		return advance(Math.max(0, Math.min(...on) - clockNow()) + 1000 + 'ms');
	};
	return html`<p class="now"><span class="mono">${when(clock.now)}</span> ${clock.advancing ? html`<${Badge} kind="accent">advancing to ${when(clock.advancing)}<//>` : clock.frozen ? html`<${Badge}>frozen<//>` : html`<${Badge} kind="ok">runs with real time<//>`}</p>
		<div class="row"><${Act} act=${() => set('freeze')} done="Frozen" disabled=${clock.frozen}>Freeze<//><${Act} act=${() => set('resume')} done="Runs with real time" disabled=${!clock.frozen}>Real time<//></div>
		<div class="row">${['1m', '1h', '1d', '7d'].map((d) => html`<${Act} act=${() => advance(d)} done=${`Advanced by ${d}`} disabled=${!!clock.advancing}>+${d}<//>`)}
			${airflow && html`<${Act} act=${next} done="Advanced to the next run of a DAG" disabled=${!!clock.advancing}>To the next schedule<//>`}</div>
		<div class="row"><label>By<input size="6" value=${by} onInput=${(e) => setBy(e.target.value)} /></label><${Act} act=${() => advance(by)} done=${`Advanced by ${by}`} disabled=${!!clock.advancing}>Advance<//></div>
		<div class="row"><label>Freeze at<input size="21" value=${to} placeholder="2026-01-05T09:00:00Z" onInput=${(e) => setTo(e.target.value)} /></label><${Act} act=${() => set('freeze ' + to)} done=${`Frozen at ${to}`} disabled=${!to}>Set<//></div>
		${clock.advancing && html`<${Notice} kind="info">It waits for ${waiting?.length ? waiting.map((w) => w.for).join(', ') : 'what falls due'}. <${Act} kind="danger" act=${() => post('/_tarn/clock', '', { method: 'DELETE' })} done="Stopped">Stop there<//><//>`}
		<p class="dim small">Timers, schedules and DAGs fall due on the way, each at its own time. An advance freezes a clock that runs.</p>`;
}

// ---- faults ----
const presets = { throttle: 'over the limit, in the service’s words', slow: 'a second late', 'lost-ack': 'done, but not said', 'disk-full': 'nothing can be written', outage: 'nobody gets through' };
const acts = { delay: ['answer late', '200ms', 'How long'], status: ['an HTTP status', '503', 'Status'], error: ['an error of the service', 'InternalFailure', 'Code'], drop: ['the answer is lost'], reset: ['the connection is reset'], io: ['the disk fails'] };
function Faults() {
	const faults = useLive((l) => l.state.faults) || [];
	const [site, setSite] = useState('kinesis.PutRecord'), [act, setAct] = useState('slow'), [value, setValue] = useState(''), [much, setMuch] = useState('always');
	// Every site with what it takes, as tarn help faults lists them.
	const help = useGet('/_tarn/help/faults').data, sites = useMemo(() => new Map([...String(help || '').matchAll(/^  ([\w.*-]+) +((?:(?:delay=|status=|error=|drop|reset|io) ?)+) /gm)].map((m) => [m[1], m[2].trim()])), [help]);
	const takes = acts[act]?.[1], can = sites.get(site.trim());
	const arm = () => {
		const what = takes ? `${act}=${value.trim() || takes}` : act;
		const how = { always: '', once: ' on=1', five: ' on=1..5', half: ' p=0.5', tenth: ' p=0.1' }[much];
		let n = 1;
		while (faults.some((f) => f.name === 'console-' + n)) n++;
		return post('/_tarn/faults', `${site.trim()} name=console-${n} ${what}${how}`);
	};
	return html`<${Table} caption="Armed faults" rows=${faults} keyOf=${(f) => f.site + f.name} empty="No fault is on." columns=${[
		{ title: 'Site', render: (f) => html`<${Badge} kind="bad">ON<//> <span class="mono">${f.site}</span>` },
		{ title: 'What', mono: true, render: (f) => f.spec ? f.spec.replace(f.site, '').trim() : f.name },
		{ title: 'Fired', num: true, render: (f) => num(f.fired) },
		{ title: '', render: (f) => f.name && html`<${Act} kind="danger" act=${() => post('/_tarn/faults?name=' + encodeURIComponent(f.name), '', { method: 'DELETE' })} done="Off" aria-label=${`Turn off ${f.site}`}>Off<//>` }]} />
		<form class="row" onSubmit=${(e) => e.preventDefault()}><label class="grow">Where<input list="sites" value=${site} onInput=${(e) => setSite(e.target.value)} spellcheck=${false} /></label><datalist id="sites">${[...sites.keys()].map((s) => html`<option value=${s} />`)}</datalist>
			<label>What<select value=${act} onChange=${(e) => { setAct(e.target.value); setValue(''); }}><optgroup label="Presets">${Object.entries(presets).map(([k, t]) => html`<option value=${k}>${k}: ${t}</option>`)}</optgroup><optgroup label="By hand">${Object.entries(acts).map(([k, [t]]) => html`<option value=${k}>${k}: ${t}</option>`)}</optgroup></select></label>
			${takes && html`<label>${acts[act][2]}<input size="12" value=${value} placeholder=${takes} onInput=${(e) => setValue(e.target.value)} /></label>`}
			<label>When<select value=${much} onChange=${(e) => setMuch(e.target.value)}><option value="always">always</option><option value="once">the next call</option><option value="five">the next five</option><option value="half">half of them</option><option value="tenth">one in ten</option></select></label>
			<${Act} kind="main" act=${arm} done="Armed">Arm<//>${faults.length > 0 && html`<${Act} kind="danger" act=${() => post('/_tarn/faults', '', { method: 'DELETE' })} done="All off">All off<//>`}</form>
		<p class="dim small fullwide">${can ? html`<span class="mono">${site}</span> takes <code>${can}</code>. ` : ''}The same as <code>tarn fault add SITE WHAT</code>; chance is the stack’s seed, so it repeats. <code>tarn help faults</code> lists every site.</p>`;
}

// ---- snapshots and reset ----
function Snapshots() {
	const ops = useGet('/_tarn/operations').data?.operations, kept = ops?.some((o) => o.path === '/_tarn/snapshots');
	const { data, error, again } = useGet(kept ? '/_tarn/snapshots' : null, { live: 2000 }), [name, setName] = useState(''), [diff, setDiff] = useState(null);
	const all = data?.snapshots || [];
	const save = async () => { const r = await post('/_tarn/snapshots/' + encodeURIComponent(name.trim())); again(); return r; };
	const [said, say2] = useState(null);
	// A file that was exported, here or elsewhere: by its own name.
	const load = async (e) => {
		const file = e.target.files[0], as = file?.name.replace(/(\.tarn-snapshot|\.tarnsnap)?( ?\(\d+\))?(\.tarn-snapshot)?$/, '');
		if (!file) return;
		try {
			await post('/_tarn/snapshots/' + encodeURIComponent(as) + '/file', file, { method: 'PUT' });
			say2({ kind: 'ok', text: `Imported ${as}` });
			again();
		} catch (x) {
			say2({ kind: 'error', text: x.message });
		}
	};
	const at = (s, more = '') => '/_tarn/snapshots/' + encodeURIComponent(s.name) + more;
	if (ops && !kept) return html`<${Empty}>This tarn keeps no snapshots.<//>`;
	return html`${error && html`<${Notice} kind="error">${error.message}<//>`}
		<form class="row" onSubmit=${(e) => e.preventDefault()}><label class="grow">Name<input value=${name} placeholder="monday" onInput=${(e) => setName(e.target.value)} spellcheck=${false} /></label>
			<${Act} kind="main" act=${save} done=${`Saved ${name}`} disabled=${!name.trim()}>Save<//>
			<label>Import<input type="file" onChange=${load} /></label></form>${said && html`<${Notice} kind=${said.kind}>${said.text}<//>`}
		<${Table} caption="Snapshots" rows=${all} keyOf=${(s) => s.name} empty="None is saved." columns=${[
		{ title: 'Name', render: (s) => html`<b>${s.name}</b>${s.note && html`<br /><span class="dim small">${s.note}</span>`}` },
		{ title: 'Clock', mono: true, class: 'tightcell', render: (s) => when(s.clock) }, { title: 'Records', num: true, render: (s) => num(s.records) }, { title: 'Size', num: true, render: (s) => bytes(s.bytes) },
		{ title: '', render: (s) => html`<div class="row tight small"><${Act} act=${() => post(at(s, '/restore'))} done=${`Restored ${s.name}`} confirm=${`Replace the state there is now by ${s.name}?`} aria-label=${'Restore ' + s.name}>Restore<//>
			<${Act} act=${async () => setDiff({ of: s.name, data: await get(at(s, '/diff')) })} aria-label=${'Compare ' + s.name}>Compare<//>
			<a class="button quiet" href=${base + at(s, '/file').slice(1)} download=${s.name + '.tarn-snapshot'} aria-label=${'Export ' + s.name}>Export</a>
			<${Act} kind="danger" act=${async () => { await post(at(s), '', { method: 'DELETE' }); again(); }} confirm=${`Remove ${s.name}?`} aria-label=${'Remove ' + s.name}>Remove<//></div>` }]} />
		${diff && html`<section aria-label=${'Changes since ' + diff.of}><h3>Since ${diff.of}</h3><${Diff} data=${diff.data} /></section>`}`;
}
function Diff({ data }) {
	const rows = (data.services || []).flatMap((s) => s.changes.map((c) => ({ ...c, service: s.service })));
	return data.same || !rows.length ? html`<${Empty}>Nothing changed.<//>` : html`<${Table} caption="What changed" rows=${rows} max=${25} columns=${[{ title: 'Service', render: (r) => html`<b>${r.service}</b>` }, { title: 'What', render: (r) => r.what }, { title: 'Name', mono: true, render: (r) => r.name }, { title: 'Change', render: (r) => r.text }]} />`;
}
function Reset() {
	const services = useLive((l) => l.state.services) || {}, [chosen, set] = useState('');
	return html`<div class="row"><label>What<select value=${chosen} onChange=${(e) => set(e.target.value)}><option value="">everything</option>${Object.keys(services).map((s) => html`<option value=${s}>${s}</option>`)}</select></label>
		<${Act} kind="danger" act=${() => post('/_tarn/reset' + (chosen ? '?services=' + chosen : ''))} done=${(r) => `Reset in ${r.ms ?? '?'} ms`} confirm=${`Empty ${chosen || 'everything'}? What was put there is gone.`}>Reset<//></div>
		<p class="dim small">To what an empty folder gives; addresses, clock and clients’ connections stay. Save a snapshot before, if you want it back.</p>`;
}

// ---- addresses ----
function Endpoints() {
	const at = useGet('/_tarn/endpoints').data, env = useGet('/_tarn/env').data, stack = useGet('/_tarn/stack').data;
	if (!at || !env || !stack) return html`<${Empty}>…<//>`;
	const [mh, mp] = (at.rds || '127.0.0.1:3306').split(':'), topic = stack.datasets[0]?.topic || 'topic', stream = stack.datasets[0]?.stream || 'stream', kafka = at.kafka || '127.0.0.1:9092', aws = at.aws;
	const sh = Object.entries(env).map(([k, v]) => `export ${k}='${v}'`).join('\n'), url = env.DATABASE_URL || '', [, user, password] = /\/\/([^:]*):([^@]*)@/.exec(url) || [];
	const key = env.AWS_ACCESS_KEY_ID || 'test', secret = env.AWS_SECRET_ACCESS_KEY || 'test', region = env.AWS_DEFAULT_REGION || 'us-east-1';
	const clients = [
		['shell', 'Shell', `# all at once, for any SDK\neval "$(tarn env)"\n\n${sh}`],
		['cli', 'AWS CLI', `export AWS_ENDPOINT_URL=${aws}\nexport AWS_ACCESS_KEY_ID=${key} AWS_SECRET_ACCESS_KEY=${secret}\nexport AWS_DEFAULT_REGION=${region}\naws s3 ls\naws kinesis list-streams`],
		['boto3', 'boto3', `import boto3\n\ns3 = boto3.client("s3", endpoint_url="${aws}", region_name="${region}",\n                  aws_access_key_id="${key}", aws_secret_access_key="${secret}")\nprint(s3.list_buckets()["Buckets"])`],
		['kcat', 'kcat', `kcat -b ${kafka} -L\nkcat -b ${kafka} -t ${topic} -C -o beginning -e`],
		['mysql', 'MySQL', `mysql -h ${mh} -P ${mp} -u ${user || 'student'} -p${password || 'student'} ${stack.database || ''}\n\n# SQLAlchemy\n${url}`],
		['curl', 'curl', `curl -s ${env.TARN_INVOKE_URL || at.rest}/topics/${topic} -H 'Content-Type: application/vnd.kafka.json.v2+json' \\\n  -d '{"records":[{"value":{"index":1}}]}'`],
		['java', 'Kafka, Java', `bootstrap.servers=${kafka}\nkey.serializer=org.apache.kafka.common.serialization.StringSerializer\nvalue.serializer=org.apache.kafka.common.serialization.StringSerializer`],
		['spark', 'Spark', `spark.readStream.format("kinesis") \\\n  .option("streamName", "${stream}").option("initialPosition", "earliest") \\\n  .option("endpointUrl", "${aws}").option("region", "${region}") \\\n  .option("awsAccessKey", "${key}").option("awsSecretKey", "${secret}").load()`],
	];
	return html`<div class="grid"><div><${Table} caption="Addresses" rows=${Object.entries(at)} columns=${[{ title: 'Name', render: (e) => html`<b>${e[0]}</b>` }, { title: 'Address', mono: true, render: (e) => e[1] }, { title: '', class: 'tightcell', render: (e) => html`<${Copy} text=${e[1]} name=${e[0]} />` }]} /></div>
		<div><${Tabs} label="Clients" tabs=${clients.map(([id, name, text]) => [id, name, html`<${Code} text=${text} name=${name} />`])} /></div></div>`;
}

export default function Control() {
	const seed = useLive((l) => l.state.seed);
	return html`<h1>Control</h1><div class="grid two">
		<div><section class="card"><h2>Clock</h2><${Clock} /></section>
			<section class="card"><h2>Records</h2><p>Seed <b>${seed}</b>: the same seed makes the same rows, ids and chances.</p><${Code} name="Send records" text=${'tarn emit pinterest --count 20\ntarn clean && tarn query all'} /></section></div>
		<div><section class="card"><h2>Snapshots</h2><${Snapshots} /></section>
			<section class="card"><h2>Reset</h2><${Reset} /></section></div>
		<section class="card span"><h2>Faults</h2><${Faults} /></section>
		<section class="card span"><h2>Addresses</h2><${Endpoints} /></section></div>`;
}
