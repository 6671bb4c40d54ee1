// The stream of events: by keys alone, over a restart of tarn, and for as long as a lesson lasts.
export default async (t) => {
	const { page } = t;
	await t.goto('/');
	await page.keyboard.press('Tab');
	t.same(await page.evaluate(() => document.activeElement.textContent), 'Skip to content', 'the first stop is the skip link');
	await page.keyboard.press('Enter');
	t.same(await page.evaluate(() => document.activeElement.id), 'main', 'which skips');
	for (const [key, title] of [['c', 'Control'], ['e', 'Requests'], ['p', 'Pipeline']]) {
		await page.keyboard.press('g');
		await page.keyboard.press(key);
		await page.waitForFunction((x) => document.title === x + ' · tarn', title, { timeout: 10000 });
		t.ok(true, `g ${key}: ${title}`);
	}
	await page.keyboard.press('?');
	await t.sees('dialog[open]', 'search on this page', '? lists the keys');
	await t.axe('keys');
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: /Theme/ }).click();
	await page.getByRole('button', { name: /Theme/ }).click();
	t.same(await page.evaluate(() => document.documentElement.dataset.theme), 'dark', 'a theme by hand');

	const cdp = await page.context().newCDPSession(page), until = Date.now() + (+process.env.MINUTES || 0.25) * 60000, heap = [];
	await cdp.send('Performance.enable');
	while (Date.now() < until || heap.length < 6) {
		t.tarn('emit', 'pinterest', '--count', '100');
		await page.waitForTimeout(+process.env.MINUTES ? 2000 : 500);
		await cdp.send('HeapProfiler.collectGarbage');
		heap.push((await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'JSHeapUsedSize').value);
	}
	const settled = heap[Math.min(heap.length - 2, 2)], last = heap[heap.length - 1];
	t.ok(last - settled < 2 << 20, `the heap is flat: ${heap.length} times 300 records, ${(settled / 1e6).toFixed(1)} MB, then ${(last / 1e6).toFixed(1)} MB`, heap.map((x) => Math.round(x / 1e5) / 10).join(' '));

	t.expected = (text) => /ERR_CONNECTION|ERR_EMPTY|ERR_INCOMPLETE|Failed to load resource/.test(text);
	const port = new URL(t.control).port, aws = new URL(t.at.aws).port;
	t.tarn('down');
	await t.sees('header .status', 'reconnecting', 'tarn ends: the page says so');
	t.up('--set', 'ports.control=' + port, '--set', 'ports.aws=' + aws);
	await t.sees('header .status', 'live', 'it is back: so is the page');
	t.expected = () => false;
	await page.keyboard.press('g');
	await page.keyboard.press('c');
	await page.locator('section.card', { hasText: 'Clock' }).getByRole('button', { name: 'Freeze', exact: true }).click();
	await t.sees('.now', 'frozen', 'what it posts is taken, with the new start’s token');
	await page.locator('section.card', { hasText: 'Clock' }).getByRole('button', { name: 'Real time' }).click();
	await t.sees('.now', 'runs with real time', 'and again');
};
