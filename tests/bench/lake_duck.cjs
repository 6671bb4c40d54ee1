// DuckDB's side of the lake's bench: read_json, the same cleaning as SQL, the same questions. Standard input: a JSON object
// of the questions. Arguments: node_modules, rows, database file, threads.
const [modules, rows, file, threads] = process.argv.slice(2);
const { DuckDBInstance } = require(modules + '/@duckdb/node-api');
const sql = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const n = (c, ...texts) => texts.reduce((e, t) => `nullif(${e}, '${t}')`, `nullif(${c}, '')`);
const int32 = (c) => `try_cast(${c} AS INTEGER)`;
const tables = {
	pin: `SELECT index AS ind, ${n('unique_id')} AS unique_id, ${n('title', 'No Title Data Available')} AS title,
		${n('description', 'No description available Story format', 'No description available')} AS description,
		${int32(`replace(replace(${n('follower_count', 'User Info Error')}, 'k', '000'), 'M', '000000')`)} AS follower_count,
		${n('poster_name', 'User Info Error')} AS poster_name, ${n('tag_list', 'N,o, ,T,a,g,s, ,A,v,a,i,l,a,b,l,e')} AS tag_list,
		${n('is_image_or_video')} AS is_image_or_video, ${n('image_src', 'Image src error.')} AS image_src,
		CASE WHEN starts_with(save_location, 'Local save in ') THEN substr(save_location, 15) ELSE ${n('save_location')} END AS save_location,
		${n('category')} AS category
		FROM read_json('${rows}/pin/*.json', format = 'newline_delimited', columns = {index: 'INTEGER', unique_id: 'VARCHAR', title: 'VARCHAR',
		description: 'VARCHAR', follower_count: 'VARCHAR', poster_name: 'VARCHAR', tag_list: 'VARCHAR', is_image_or_video: 'VARCHAR',
		image_src: 'VARCHAR', save_location: 'VARCHAR', category: 'VARCHAR'})`,
	geo: `SELECT ind, country, [latitude, longitude] AS coordinates, timestamp, year(timestamp) AS post_year
		FROM read_json('${rows}/geo/*.json', format = 'newline_delimited', columns = {ind: 'INTEGER', country: 'VARCHAR', latitude: 'DOUBLE',
		longitude: 'DOUBLE', timestamp: 'TIMESTAMP'})`,
	users: `SELECT ind, first_name || ' ' || last_name AS user_name, age, date_joined, year(date_joined) AS join_year
		FROM read_json('${rows}/user/*.json', format = 'newline_delimited', columns = {ind: 'INTEGER', first_name: 'VARCHAR', last_name: 'VARCHAR',
		age: 'INTEGER', date_joined: 'TIMESTAMP'})`,
};
const cpu = () => { const c = process.cpuUsage(); return (c.user + c.system) / 1e6; };
const plain = (v) => (typeof v === 'bigint' ? Number(v) : v);
(async () => {
	const db = await DuckDBInstance.create(file, { threads });
	const c = await db.connect();
	const idle = process.resourceUsage().maxRSS / 1024; // node's own, which is not counted
	const out = { answers: {}, each: {}, rows: {} };
	const c0 = cpu(), t0 = performance.now();
	for (const name in tables) await c.run(`CREATE TABLE ${name} AS ${tables[name]}`);
	await c.run('CHECKPOINT');
	const c1 = cpu(), t1 = performance.now();
	for (const q in sql) {
		const t = performance.now();
		out.answers[q] = (await c.runAndReadAll(sql[q])).getRows().map((r) => r.map(plain));
		out.each[q] = (performance.now() - t) / 1000;
	}
	const c2 = cpu(), t2 = performance.now();
	for (const name in tables) out.rows[name] = plain((await c.runAndReadAll(`SELECT count(*) FROM ${name}`)).getRows()[0][0]);
	Object.assign(out, { load: c1 - c0, queries: c2 - c1, load_wall: (t1 - t0) / 1000, queries_wall: (t2 - t1) / 1000,
		rss: process.resourceUsage().maxRSS / 1024 - idle, idle });
	console.log(JSON.stringify(out));
})().catch((e) => { console.error(e.message); process.exit(1); });
