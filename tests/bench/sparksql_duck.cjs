// DuckDB's side of the bench of Spark SQL: the tables from CSV, then each statement. Standard input: lines NAME<tab>STATEMENT. Arguments:
// node_modules, folder of the CSV files, rounds. One thread.
const [modules, dir, rounds] = process.argv.slice(2);
const { DuckDBInstance } = require(modules + '/@duckdb/node-api');
const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((l) => l.includes('\t'));
const cpu = () => { const c = process.cpuUsage(); return (c.user + c.system) / 1e6; };
const tables = {
	pin: "ind: 'INTEGER', unique_id: 'VARCHAR', title: 'VARCHAR', follower_count: 'INTEGER', poster_name: 'VARCHAR', save_location: 'VARCHAR', category: 'VARCHAR'",
	geo: "ind: 'INTEGER', country: 'VARCHAR', latitude: 'DOUBLE', longitude: 'DOUBLE', timestamp: 'TIMESTAMP', post_year: 'INTEGER'",
	users: "ind: 'INTEGER', user_name: 'VARCHAR', age: 'INTEGER', date_joined: 'TIMESTAMP', join_year: 'INTEGER'",
};
(async () => {
	const db = await DuckDBInstance.create(dir + '/duck.db', { threads: '1' });
	const c = await db.connect();
	const idle = process.resourceUsage().maxRSS; // node's own
	await c.run("SET default_null_order = 'nulls_first_on_asc_last_on_desc'");
	for (const t in tables) await c.run(`CREATE TABLE ${t} AS SELECT * FROM read_csv('${dir}/${t}.csv', header = false, columns = {${tables[t]}})`);
	await c.run('CHECKPOINT');
	const loaded = process.resourceUsage().maxRSS;
	for (const line of lines) {
		const [name, text] = line.split('\t');
		const sql = text.replaceAll('\\n', '\n').replaceAll('percentile(', 'quantile_cont(');
		let least = 1e9, rows;
		for (let i = 0; i < rounds; i++) {
			const t = cpu();
			rows = (await c.runAndReadAll(sql)).getRows();
			least = Math.min(least, cpu() - t);
		}
		console.log(JSON.stringify({ name, cpu: least, rows: rows.map((r) => r.map((v) => (v === null ? null : String(v)))) }));
	}
	console.log(JSON.stringify({ idle, loaded, rss: process.resourceUsage().maxRSS }));
})().catch((e) => { console.error(e.message); process.exit(1); });
