// Every page of the navigation, as it stands when it is opened, also over records that nobody expected: axe in both themes, nothing wider
// than a phone, each by its keys alone.
async function odd(t) {
	const topic = (await (await t.ask('/_tarn/stack')).json()).datasets[0].topic;
	const values = [null, 'text <script>alert(1)</script>', [1, [2, { deep: { deeper: [] } }]], 12.5, true, { index: null, title: '<img src=x onerror=alert(1)>', 'ключ "x"': 'ü\u0000\u2028', long: 'x'.repeat(20000) }, {}];
	const send = (value, key) => fetch(`${t.at.rest}/topics/${topic}`, { method: 'POST', headers: { 'Content-Type': 'application/vnd.kafka.json.v2+json' }, body: JSON.stringify({ records: [{ key, value }] }) });
	for (const v of values) t.ok((await send(v, 'odd "key"')).ok, `an odd record: ${JSON.stringify(v).slice(0, 50)}`);
	await fetch(`${t.at.aws}/user-${topic.split('.')[0]}-bucket/odd%20%3Cb%3E/%C3%BC%2523.json`, { method: 'PUT', body: '\u0000\ufffd{not json' });
	return topic;
}

export default async (t) => {
	const { page } = t, topic = await odd(t);
	const offset = (await (await t.ask('/_tarn/state')).json()).services.kafka.records;
	t.ok(offset > 0, 'they are there');
	await t.goto('/');
	const keys = await page.locator('header nav a').evaluateAll((all) => all.map((a) => [a.title.slice(2), a.textContent.trim(), a.getAttribute('href')]));
	t.same(keys.length, 10, 'ten pages');
	const small = await t.another({ theme: 'dark', width: 320, height: 640 });
	for (const [key, name, path] of keys) {
		await page.locator('main').focus();
		await page.keyboard.press('g');
		await page.keyboard.press(key);
		await page.waitForFunction((x) => document.title.startsWith(x), name, { timeout: 15000 });
		await page.waitForTimeout(500);
		t.same([new URL(page.url()).pathname, await page.locator('main h1').count()], [path, 1], `g ${key} leads to ${name}`);
		await t.axe(name);
		await t.shot('all-' + name);
		await small.goto(path);
		await small.page.waitForTimeout(500);
		await small.fits(`${name} at 320 px`);
		await small.axe(`${name}, dark, 320 px`);
		// All of it is reached by Tab, and what has the focus is seen.
		const unseen = await page.evaluate(() => [...document.querySelectorAll('main a[href], main button, main input, main select, main textarea, main summary')]
			.filter((e) => e.tabIndex < 0 && e.getAttribute('role') !== 'tab' && !e.disabled).map((e) => e.outerHTML.slice(0, 80)));
		t.same(unseen, [], `${name}: nothing is left out of Tab’s way`);
	}
	for (let i = 0; i < 80; i++) {
		const j = await (await t.ask(`/api/journey/${encodeURIComponent(`${topic}/0/${i}`)}`)).json();
		if (!j.found) break;
		if (i < 15) continue;
		await small.goto('/journey/' + encodeURIComponent(`${topic}/0/${i}`));
		await small.page.locator('.hops').waitFor();
		t.same(await small.page.locator('.notice.error').count(), 0, `the journey of record ${i} is shown`);
		await small.fits(`journey of record ${i} at 320 px`);
	}
	await small.goto('/streams');
	await small.page.locator('main').getByRole('link', { name: topic, exact: true }).click();
	await small.sees('main', 'script>alert(1)', 'odd records are shown as what they are');
	await small.fits('odd records at 320 px');
	await small.axe('odd records');
	t.same(small.wrong, [], 'and nothing went wrong');
	await small.close();
	
	t.same((await t.ask('/nope')).status, 404, 'a page that isn’t there is none');
};
