// DuckDB's side of the lake's bench: read_json, the same cleaning as SQL, the same questions (medians in its own words). Standard input: a JSON object
// of the questions. Arguments: node_modules, rows, database file, folder for Parquet files (may be empty: none). One thread.
const [modules, rows, file, parquet] = process.argv.slice(2);
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
// Its own, faster words for the medians, which the questions' texts count out by windows.
const age = `CASE WHEN u.age BETWEEN 18 AND 24 THEN '18-24' WHEN u.age BETWEEN 25 AND 35 THEN '25-35' WHEN u.age BETWEEN 36 AND 50 THEN '36-50' ELSE '50+' END`;
const joined = 'u.join_year BETWEEN 2015 AND 2020', from = 'FROM pin p JOIN users u ON p.ind = u.ind WHERE p.follower_count IS NOT NULL';
const own = {
	q5_median_followers_by_age: `SELECT ${age}, quantile_disc(p.follower_count, 0.5) ${from} AND u.age >= 18 GROUP BY 1 ORDER BY 1`,
	q7_median_followers_by_join_year: `SELECT u.join_year, quantile_disc(p.follower_count, 0.5) ${from} AND ${joined} GROUP BY 1 ORDER BY 1`,
	q8_median_followers_by_join_year_and_age: `SELECT ${age}, u.join_year, quantile_disc(p.follower_count, 0.5) ${from} AND u.age >= 18 AND ${joined} GROUP BY 1, 2 ORDER BY 1, 2`,
};
const cpu = () => { const c = process.cpuUsage(); return (c.user + c.system) / 1e6; };
const plain = (v) => (typeof v === 'bigint' ? Number(v) : v);
(async () => {
	const db = await DuckDBInstance.create(file, { threads: '1' });
	const c = await db.connect();
	const idle = process.resourceUsage().maxRSS / 1024; // node's own, which is not counted
	const out = { answers: {}, each: {}, rows: {} };
	const c0 = cpu(), t0 = performance.now();
	for (const name in tables) await c.run(`CREATE TABLE ${name} AS ${tables[name]}`);
	await c.run('CHECKPOINT');
	for (const name in tables) if (parquet) await c.run(`COPY ${name} TO '${parquet}/${name}.parquet' (FORMAT parquet, COMPRESSION snappy)`);
	const c1 = cpu(), t1 = performance.now();
	for (const q in sql) {
		const t = performance.now();
		out.answers[q] = (await c.runAndReadAll(own[q] || sql[q])).getRows().map((r) => r.map(plain));
		out.each[q] = (performance.now() - t) / 1000;
	}
	const c2 = cpu(), t2 = performance.now();
	for (const name in tables) out.rows[name] = plain((await c.runAndReadAll(`SELECT count(*) FROM ${name}`)).getRows()[0][0]);
	Object.assign(out, { load: c1 - c0, queries: c2 - c1, total: c2 - c0, wall: (t2 - t0) / 1000,
		rss: process.resourceUsage().maxRSS / 1024 - idle, idle });
	console.log(JSON.stringify(out));
})().catch((e) => { console.error(e.message); process.exit(1); });
