// A topic's records come in while one looks; a filter; one record opened; groups' lag; a stream.
export default async (t) => {
	const { page } = t, rows = page.locator('section.card:has(h2) tbody tr');
	await t.goto('/streams');
	const topic = await page.locator('main a').filter({ hasText: /\.pin$/ }).first().innerText();
	await page.getByRole('link', { name: topic }).first().click();
	await t.sees('main h2', topic, 'a topic is opened');
	await rows.first().waitFor();
	const first = await page.getByRole('button', { name: /^Open offset/ }).first().innerText();
	t.tarn('emit', 'pinterest', '--count', '2');
	await page.waitForFunction((was) => document.querySelector('button.open').innerText !== was, first, { timeout: 15000 }).then(() => t.ok(true, 'new records come by themselves'), () => t.ok(false, 'new records come by themselves'));
	await page.getByRole('button', { name: /^Open offset/ }).first().click();
	await t.sees('.record', 'category', 'a record is shown decoded');
	await t.sees('.record', 'Its journey', 'with its journey');
	await t.axe('streams, a record');
	await t.shot('streams-record');
	await page.getByRole('button', { name: 'Close the record' }).click();
	await page.getByLabel('Filter').fill('$.index == -1');
	await t.sees('main', 'that were looked at has it', 'a filter that nothing fits says how many were looked at');
	await page.getByLabel('Filter').fill('');
	await page.getByLabel('Start at').selectOption('oldest');
	await page.getByRole('button', { name: 'Open offset 0', exact: true }).waitFor();
	t.ok(true, 'the oldest');
	await page.getByRole('tab', { name: 'Groups and lag' }).click();
	await t.sees('main', 'connect-s3-sink', 'groups with their lag');
	await t.sees('section.card:has-text("connector")', 'Waits for', 'and what connectors wait for');
	await t.axe('streams, groups');
	await t.shot('streams-groups');
	await page.getByRole('tab', { name: 'Streaming queries' }).click();
	await t.sees('main tbody', 'pin', 'streaming queries');
	const small = await t.another({ width: 320, height: 700, theme: 'dark' });
	for (const path of ['/streams/topic/' + topic, '/streams/groups', '/lake/objects', '/docs/kafka']) {
		await small.goto(path);
		await small.page.waitForTimeout(400);
		await small.fits(path + ' at 320 px');
		await small.axe(path + ', dark, 320 px');
		await small.shot('320' + path.replace(/\W/g, '-'));
	}
	t.same(small.wrong, [], 'and nothing went wrong');
	await small.close();
};
