// What was asked: first what isn't served, and why.
export default async (t) => {
	const { page } = t;
	await fetch(t.at.aws + '/', { method: 'POST', body: '{}', headers: { 'X-Amz-Target': 'AmazonSQS.ListQueues', 'Content-Type': 'application/x-amz-json-1.0' } });
	await t.goto('/requests');
	await t.sees('section.card:has(h2:text("Not served"))', 'ListQueues', 'what isn’t served comes first');
	await t.sees('section.card:has(h2:text("Not served"))', 'tarn has no such service', 'with why');
	await t.sees('header', 'not served', 'and is seen on every page');
	await page.getByLabel('Filter').fill('ProduceToTopic 200');
	await t.sees('tbody', 'ProduceToTopic', 'a filter of words');
	t.same(await page.locator('section.card:last-of-type tbody tr').filter({ hasNotText: 'ProduceToTopic' }).count(), 0, 'leaves nothing else');
	await page.getByLabel('Filter').fill('');
	await page.getByRole('button', { name: 'Errors only' }).click();
	await t.sees('section.card:last-of-type tbody', 'UnknownService', 'errors only');
	t.same(await page.locator('section.card:last-of-type tbody tr').filter({ hasText: 'ProduceToTopic' }).count(), 0, 'are only errors');
	await t.axe();
	await t.shot('requests');
	const before = (await (await t.ask('/_tarn/journal')).text()).split('\n').length;
	for (const path of ['/control', '/', '/requests']) await t.goto(path);
	t.same((await (await t.ask('/_tarn/journal')).text()).split('\n').length - before, 1, 'the console’s own looks aren’t journaled (the one is this test’s)');
	const small = await t.another({ width: 320, height: 700, theme: 'dark' });
	for (const path of ['/requests', '/control', '/journey/random']) {
		await small.goto(path);
		await small.page.waitForTimeout(400);
		await small.fits(path + ' at 320 px');
		await small.axe(path + ', dark, 320 px');
		await small.shot('320' + path.replace(/\//g, '-'));
	}
	t.same(small.wrong, [], 'and nothing went wrong');
	await small.close();
};
