// Clock, faults, addresses, reset: by the buttons that a teacher presses.
export default async (t) => {
	const { page } = t;
	await t.goto('/control');
	const card = (name) => page.locator('section.card').filter({ has: page.getByRole('heading', { name, exact: true }) });
	await card('Clock').getByRole('button', { name: 'Freeze', exact: true }).click();
	await t.sees('.now', 'frozen', 'the clock stops');
	const before = Date.parse((await (await t.ask('/_tarn/clock')).json()).now);
	await card('Clock').getByRole('button', { name: '+1d' }).click();
	await t.sees('.act', 'Advanced by 1d', 'a day goes by');
	t.same(Date.parse((await (await t.ask('/_tarn/clock')).json()).now) - before, 86400000, 'of the emulated time');
	await card('Clock').getByRole('button', { name: 'To the next schedule' }).click();
	await t.sees('[role=alert]', 'no DAG with a schedule is on', 'to the next schedule, where there is one');
	const dag = (await (await t.ask('/api/v1/dags')).json()).dags[0].dag_id, turn = (is_paused) => t.ask('/api/v1/dags/' + dag, { method: 'PATCH', body: JSON.stringify({ is_paused }), headers: { 'Content-Type': 'application/json' } });
	await turn(false);
	await card('Clock').getByRole('button', { name: 'To the next schedule' }).click();
	await t.sees('.act', 'Advanced to the next run', 'and there it is');
	t.same((await (await t.ask('/_tarn/clock')).json()).now.slice(11, 16), '00:00', 'at midnight');
	await turn(true);
	await card('Clock').getByRole('button', { name: 'Real time' }).click();
	await t.sees('.now', 'runs with real time', 'and it runs again');

	t.expected = (text) => / 400 /.test(text); // a fault that can't be armed, below
	const faults = card('Faults');
	await faults.getByLabel('Where').fill('s3.PutObject');
	await faults.getByRole('combobox', { name: 'What', exact: true }).selectOption('delay');
	await t.sees('section.card', 's3.PutObject takes', 'what the site takes is said');
	await faults.getByLabel('How long').fill('1ms');
	await faults.getByRole('button', { name: 'Arm' }).click();
	await t.sees('header', '1 FAULT ON', 'an armed fault is seen on every page');
	const armed = await (await t.ask('/_tarn/faults')).json();
	t.same([armed.length, armed[0].site], [1, 's3.PutObject'], 'and is armed');
	await faults.getByLabel('Where').fill('s3.PutObjekt');
	await faults.getByRole('button', { name: 'Arm' }).click();
	await t.sees('[role=alert]', 'did you mean', 'what can’t be armed is said, and what is near');
	await faults.getByLabel('Where').fill('kinesis.PutRecord');
	await faults.getByRole('combobox', { name: 'What', exact: true }).selectOption('throttle');
	await faults.getByRole('button', { name: 'Arm' }).click();
	await t.sees('section.card td', 'ProvisionedThroughputExceededException', 'a preset is the service’s own error');
	await faults.getByRole('button', { name: 'All off' }).click();
	await t.sees('section.card', 'No fault is on.', 'and off again');

	await page.getByRole('tab', { name: 'Shell' }).focus();
	await page.keyboard.press('ArrowRight');
	await t.sees('[role=tabpanel]', 'aws s3 ls', 'tabs by arrow keys');
	await page.locator('[role=tabpanel]').getByRole('button', { name: /Copy/ }).click();
	t.ok((await page.evaluate(() => navigator.clipboard.readText())).includes(t.at.aws), 'a client’s lines are copied');
	t.same(await page.locator('[role=tab]').count(), 8, 'for eight clients');
	await t.axe('control');
	await t.shot('control');

	if ((await t.ask('/_tarn/snapshots')).ok) {
		const all = card('Snapshots');
		await all.getByLabel('Name').fill('monday');
		await all.getByRole('button', { name: 'Save' }).click();
		await t.sees('section.card td', 'monday', 'a snapshot is saved');
		t.tarn('emit', 'pinterest', '--count', '2');
		await all.getByRole('button', { name: 'Compare monday' }).click();
		await t.sees('section[aria-label="Changes since monday"]', 'kafka', 'compared with what is now');
		await all.getByRole('button', { name: 'Restore monday' }).click();
		await t.sees('.act', 'Restored monday', 'and restored');
		await t.axe('control with a snapshot');
		await all.getByRole('button', { name: 'Remove monday' }).click();
		await t.sees('section.card', 'None is saved.', 'and removed');
	}
	await card('Reset').getByRole('button', { name: 'Reset' }).click();
	await t.sees('.act', 'Reset in', 'a reset says how long it took');
	await page.keyboard.press('Escape');
	await page.locator('main').focus();
	await page.keyboard.press('g');
	await page.keyboard.press('p');
	await t.sees('[data-stage=kafka] .count', '0', 'g p: the pipeline is empty, the stream of events went on');
	t.tarn('emit', 'pinterest', '--count', '20');
};
