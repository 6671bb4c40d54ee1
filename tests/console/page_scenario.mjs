// A scenario that pauses is gone through from its stack's own console.
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async (t) => {
	const file = join(mkdtempSync(join(tmpdir(), 'tarn-steps-')), 'two.tarn');
	writeFileSync(file, 'scenario "Two steps"\n\nstep "records are there"\n  produce t1 <<END\n    {"n": 1}\n  END\n\nstep "nothing here"\n  note nothing\n\nstep "the last"\n  note nothing\n');
	const run = spawn(process.env.TARN, ['run', '--step', file], { stdio: ['pipe', 'ignore', 'pipe'] });
	const at = await new Promise((found) => { let said = ''; run.stderr.on('data', (d) => { said += d; const m = /^paused: (http:\/\/[^/ ]+)/m.exec(said); if (m) found(m[1]); }); });
	const s = await t.another({ base: at, width: 1280, height: 800 });
	await s.goto('/runs');
	await s.sees('.scenario', 'Next: nothing here', 'its next step');
	await s.sees('header', 'step 1 of 3', 'the bar says how far it is');
	await s.axe('runs, a scenario');
	await s.shot('runs-scenario');
	await s.page.getByRole('button', { name: 'Go on' }).click();
	await s.sees('.scenario', 'Next: the last', 'goes on');
	await s.close();
	run.stdin.end();
	await new Promise((end) => run.on('close', end));
};
